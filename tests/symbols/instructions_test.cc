// SPDX-License-Identifier: Apache-2.0
#include "symbols/instructions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "base/text.h"
#include "symbols/kernel_lists.h"

namespace kprobed::symbols {
namespace {

using resolve::Disassembly;
using resolve::Instruction;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::uint64_t kAddress = 0xffffffff81000000;

std::vector<std::byte> from_hex(std::string_view digits) {
  std::vector<std::byte> bytes;
  std::string pair;
  for (const char c : digits) {
    if (c == ' ' || c == '\n') continue;
    pair += c;
    if (pair.size() < 2) continue;
    bytes.push_back(static_cast<std::byte>(std::stoul(pair, nullptr, 16)));
    pair.clear();
  }
  return bytes;
}

/// A function of a real kernel: tests/data/KERNEL/code.
struct Captured {
  std::uint64_t address = 0;
  std::vector<std::byte> code;
};

std::string read_data(const std::string& name) {
  std::ifstream file(std::string(KPROBED_TEST_DATA) + "/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

Captured captured(const std::string& kernel, const std::string& function) {
  const std::string text = read_data(kernel + "/code/" + function);
  const std::size_t line = std::min(text.find('\n'), text.size());
  EXPECT_GT(line, 0u) << kernel << function;
  return {std::stoull("0" + text.substr(0, line), nullptr, 16), from_hex(text.substr(line))};
}

/// A kernel of 32 MiB of text around the address, without a blacklist.
CodeFacts facts_around(std::uint64_t address) {
  CodeFacts facts;
  facts.blacklisted = [](std::uint64_t) { return false; };
  facts.in_text = [address](std::uint64_t other) { return (other ^ address) >> 25 == 0; };
  return facts;
}

Disassembly decode(std::string_view arch, Bytes code, std::uint64_t address,
                   const CodeFacts& facts) {
  auto found = decode_function(*arch::find(arch), code, address, facts);
  EXPECT_TRUE(found.ok()) << describe(found.error());
  return found.ok() ? std::move(found).value() : Disassembly{};
}

Disassembly decode(std::string_view hex_digits) {
  return decode("x86_64", from_hex(hex_digits), kAddress, facts_around(kAddress));
}

std::set<std::uint32_t> offsets(const Disassembly& found) {
  std::set<std::uint32_t> at;
  for (const Instruction& instruction : found.instructions) at.insert(instruction.offset);
  return at;
}

/// "0:5 nop; 5:2 push r15 !why"
std::vector<std::string> texts(const Disassembly& found) {
  std::vector<std::string> lines;
  for (const Instruction& row : found.instructions) {
    lines.push_back(std::to_string(row.offset) + ":" + std::to_string(row.bytes) + " " + row.text +
                    (row.refused.empty() ? "" : " !" + row.refused.substr(0, 12)));
  }
  return lines;
}

TEST(Instructions, OfX86) {
  struct Row {
    const char* code;
    std::vector<std::string> lines;
    const char* incomplete = "";
  };
  for (const Row& row : {
           Row{"f30f1efa 0f1f440000 55 c3",
               {"0:4 endbr64", "4:5 nop dword ptr [rax + rax]", "9:1 push rbp", "10:1 ret"}},
           // CALL of ftrace, live, where the NOP was.
           Row{"e8fb0f0000 4889e5", {"0:5 call 0xffffffff81001000", "5:3 mov rbp, rsp"}},
           // Behind a return, a jump or a trap int3 is padding.
           Row{"c3 cc 90", {"0:1 ret", "1:1 int3 !it is a trap", "2:1 nop"}},
           Row{"eb00 cccc 90", {"0:2 jmp 0xffffffff81000002", "2:2 int3 !it is a trap", "4:1 nop"}},
           Row{"0f0b cc", {"0:2 ud2 !it is a trap", "2:1 int3 !it is a trap"}},
           // 06 is no instruction in 64-bit mode; 48 is the beginning of one.
           Row{"90 06 90", {"0:1 nop"}, "what follows +0x1 cannot be decoded"},
           Row{"90 48", {"0:1 nop"}, "what follows +0x1 cannot be decoded"},
           Row{"", {}},
       }) {
    const Disassembly found = decode(row.code);
    EXPECT_EQ(texts(found), row.lines) << row.code;
    EXPECT_EQ(found.incomplete, row.incomplete) << row.code;
  }
}

TEST(Instructions, OfRealFunctionsTakeUpEveryByte) {
  for (const char* kernel : {"6.1", "6.12"}) {
    for (const char* function : {"vfs_read", "do_sys_openat2", "dummy_xmit"}) {
      const Captured real = captured(kernel, function);
      const Disassembly found =
          decode("x86_64", real.code, real.address, facts_around(real.address));
      EXPECT_EQ(found.incomplete, "") << kernel << function;
      std::size_t end = 0;
      for (const Instruction& instruction : found.instructions) {
        EXPECT_EQ(instruction.offset, end) << kernel << function;
        end += instruction.bytes;
      }
      EXPECT_EQ(end, real.code.size()) << kernel << function;
    }
  }
}

TEST(Instructions, AreWhereTheKernelTookProbes) {
  // Every offset from 0x14 to 0x2a was offered to that kernel: EILSEQ for all but these.
  struct Row {
    const char* kernel;
    std::set<std::uint32_t> taken;
  };
  for (const Row& row :
       {Row{"6.1", {0x1c, 0x21, 0x24, 0x27}}, Row{"6.12", {0x17, 0x20, 0x25, 0x28}}}) {
    const Captured real = captured(row.kernel, "vfs_read");
    std::set<std::uint32_t> found =
        offsets(decode("x86_64", real.code, real.address, facts_around(real.address)));
    std::erase_if(found, [](std::uint32_t at) { return at < 0x14 || at > 0x2a; });
    EXPECT_EQ(found, row.taken) << row.kernel;
  }
}

TEST(Instructions, UnderOtherProbesAreNotMadeUp) {
  for (const char* kernel : {"6.1", "6.12"}) {
    const Captured real = captured(kernel, "vfs_read"),
                   probed = captured(kernel, "vfs_read_probed");
    ASSERT_NE(real.code, probed.code);
    const std::set<std::uint32_t> truth =
        offsets(decode("x86_64", real.code, real.address, facts_around(real.address)));
    CodeFacts unknowing = facts_around(probed.address), knowing = unknowing;
    knowing.probes = parse_probe_list(read_data(std::string(kernel) + "/code/list"));
    ASSERT_TRUE(knowing.probes);
    EXPECT_EQ(knowing.probes->size(), 4u);
    for (const CodeFacts& facts : {unknowing, knowing}) {
      const Disassembly found = decode("x86_64", probed.code, probed.address, facts);
      EXPECT_THAT(found.incomplete, HasSubstr("another probe hides")) << kernel;
      for (const std::uint32_t at : offsets(found)) EXPECT_TRUE(truth.contains(at)) << kernel << at;
      // Only what lies near the probes is missing.
      EXPECT_GT(offsets(found).size() + 15, truth.size()) << kernel;
    }
    const std::set<std::uint32_t> known =
        offsets(decode("x86_64", probed.code, probed.address, knowing));
    for (const std::uint64_t address : *knowing.probes) {
      EXPECT_TRUE(known.contains(static_cast<std::uint32_t>(address - probed.address))) << kernel;
    }
  }
}

TEST(Instructions, TellAProbesInt3FromPadding) {
  // mov rax, rdi; mov rax, rdi; 16 nops
  const std::string tail = "89f8 90909090909090909090909090909090";
  struct Row {
    const char* what;
    std::string code;
    std::optional<std::vector<std::uint64_t>> probes;
    bool hidden;
  };
  for (const Row& row : {
           Row{"in the flow", "4889f8 cc" + tail, std::nullopt, true},
           Row{"behind a return", "c3 cc 4889f8", std::nullopt, false},
           Row{"listed", "4889f8 cc" + tail, {{kAddress + 3}}, true},
           Row{"listed behind a return", "c3 cc" + tail, {{kAddress + 1}}, true},
           Row{"not listed", "4889f8 cc" + tail, {{kAddress + 100}}, false},
           Row{"a jump out of the text", "4889f8 e900000070" + tail, std::nullopt, true},
           Row{"a listed one", "4889f8 e900000070" + tail, {{kAddress + 3}}, true},
           Row{"a jump in the text", "4889f8 e900000000" + tail, std::nullopt, false},
       }) {
    EXPECT_EQ(!decode("x86_64", from_hex(row.code), kAddress,
                      [&] {
                        CodeFacts facts = facts_around(kAddress);
                        facts.probes = row.probes;
                        return facts;
                      }())
                   .incomplete.empty(),
              row.hidden)
        << row.what;
  }
}

TEST(Instructions, OnTheBlacklistAreRefused) {
  CodeFacts facts = facts_around(kAddress);
  facts.blacklisted = [](std::uint64_t address) { return address == kAddress + 1; };
  EXPECT_THAT(texts(decode("x86_64", from_hex("90 90 c3"), kAddress, facts)),
              ElementsAre("0:1 nop", "1:1 nop !it is on the", "2:1 ret"));
}

TEST(Instructions, OfOtherMachinesHaveTheirWidths) {
  struct Row {
    const char *arch, *code;
    std::vector<std::uint32_t> offsets;
    bool complete = true;
  };
  for (const Row& row : {
           Row{"i386", "55 89e5 40 c3", {0, 1, 3, 4}},  // inc eax: a prefix on x86_64
           Row{"arm64", "5f2403d5 1f2003d5 fd7bbfa9", {0, 4, 8}},
           Row{"armhf", "04e02de5 00000000", {0, 4}},
           Row{"ppc64el", "02004c3c 6c294238", {0, 4}},
           Row{"mips64el", "00000000 00000000", {0, 4}},
           Row{"riscv64", "0100 13010100 82 80", {0, 2, 6}},  // c.nop, addi, c.ret
           Row{"s390x", "c00400000000 07fe ebaff0680024 a7f40003", {0, 6, 8, 14}},
           Row{"arm64", "5f2403d5 1f20", {0}, false},
           Row{"riscv64", "0100 1301", {0}, false},
           Row{"s390x", "07", {}, false},
       }) {
    const Disassembly found =
        decode(row.arch, from_hex(row.code), kAddress, facts_around(kAddress));
    std::vector<std::uint32_t> at;
    for (const Instruction& instruction : found.instructions) at.push_back(instruction.offset);
    EXPECT_EQ(at, row.offsets) << row.arch;
    EXPECT_EQ(found.incomplete.empty(), row.complete) << row.arch;
  }
  arch::ArchAbi unknown = *arch::find("x86_64");
  unknown.instructions = arch::InstructionSet::unknown;
  const auto found = decode_function(unknown, from_hex("90"), kAddress, facts_around(kAddress));
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(word(found.error().code), "unsupported");
}

}  // namespace
}  // namespace kprobed::symbols
