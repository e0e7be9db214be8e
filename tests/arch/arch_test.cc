// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/utsname.h>

#include <set>

#include "arch/arch_abi.h"
#include "base/format.h"

namespace kprobed::arch {
namespace {

/// What must hold on every architecture.
class EveryArch : public testing::TestWithParam<const ArchAbi*> {
 protected:
  const ArchAbi& abi = *GetParam();
};

TEST_P(EveryArch, IsFoundByBothNames) {
  EXPECT_EQ(find(abi.name), &abi);
  EXPECT_EQ(find(abi.machine), &abi);
}

TEST_P(EveryArch, ItsOwnWordsResolveInItsOwnTable) {
  for (std::string_view name : abi.argument_registers) EXPECT_TRUE(has_register(abi, name)) << name;
  EXPECT_TRUE(has_register(abi, abi.return_register));
  EXPECT_TRUE(has_register(abi, abi.stack_register));
  for (std::string_view name : abi.registers) EXPECT_EQ(has_register(abi, name), !name.empty());
}

TEST_P(EveryArch, FindsTheArgumentsOfSystemCallsWhereItHasWrappers) {
  EXPECT_EQ(abi.syscall_prefix.empty(), abi.syscall_registers.empty());
  unsigned n = 0;
  for (std::string_view name : abi.syscall_registers) {
    const auto offset = syscall_argument_offset(abi, ++n);
    ASSERT_TRUE(offset) << name;
    EXPECT_EQ(abi.registers[*offset / abi.word_bytes], name);
    EXPECT_EQ(*offset % abi.word_bytes, 0u);
  }
  EXPECT_EQ(syscall_argument_offset(abi, n + 1), std::nullopt);
}

TEST_P(EveryArch, NonsenseDoesNot) {
  for (std::string_view name : {"", "nosuch", "%di", "DI", "AX", " sp", "sp ", "$stack"}) {
    EXPECT_FALSE(has_register(abi, name)) << "'" << name << "'";
  }
}

TEST_P(EveryArch, NoRegisterIsNamedTwice) {
  std::set<std::string_view> seen;
  for (std::string_view name : abi.registers) {
    EXPECT_TRUE(name.empty() || seen.insert(name).second) << name;
  }
}

TEST_P(EveryArch, ArgumentsGoOnWhereRegistersEnd) {
  const auto in_registers = static_cast<unsigned>(abi.argument_registers.size());
  for (unsigned n = 1; n <= in_registers; ++n) {
    EXPECT_EQ(argument_fetch(abi, n), format("%{}", abi.argument_registers[n - 1]));
  }
  for (unsigned k = 0; k < 3; ++k) {
    EXPECT_EQ(argument_fetch(abi, in_registers + 1 + k),
              format("$stack{}", abi.first_stack_argument + k));
  }
}

TEST_P(EveryArch, CountsNarrowArgumentsOneByOne) {
  const std::vector<std::uint32_t> bytes(9, 4);
  const auto words = argument_words(abi, bytes);
  ASSERT_EQ(words.size(), bytes.size());
  for (unsigned i = 0; i < words.size(); ++i) EXPECT_EQ(words[i], i + 1);
}

TEST_P(EveryArch, DoesNotGuessWhereWideArgumentsGo) {
  const std::uint32_t word = abi.word_bytes;
  const auto words = argument_words(abi, std::vector<std::uint32_t>{word, 2 * word, word});
  ASSERT_EQ(words.size(), 3u);
  EXPECT_EQ(words[0], 1u);
  const bool known = abi.wide_arguments != WideArguments::unknown;
  EXPECT_EQ(words[1].has_value(), known);
  EXPECT_EQ(words[2].has_value(), known);
}

TEST_P(EveryArch, HasAWordOfThirtyTwoOrSixtyFourBits) {
  EXPECT_THAT(abi.word_bytes, testing::AnyOf(4, 8));
}

INSTANTIATE_TEST_SUITE_P(All, EveryArch, testing::ValuesIn(all().begin(), all().end()),
                         [](const auto& row) { return std::string(row.param->name); });

TEST(X86_64, FetchesWhatTheKernelCallsItsArguments) {
  const ArchAbi* abi = find("x86_64");
  ASSERT_NE(abi, nullptr);
  struct Row {
    unsigned n;
    std::string_view fetch;
  };
  for (const Row& row : {
           Row{1, "%di"},
           Row{2, "%si"},
           Row{3, "%dx"},
           Row{4, "%cx"},  // r10 only in system calls
           Row{5, "%r8"},
           Row{6, "%r9"},
           Row{7, "$stack1"},  // $stack0 is the return address
           Row{8, "$stack2"},
           Row{12, "$stack6"},
       }) {
    EXPECT_EQ(argument_fetch(*abi, row.n), row.fetch) << row.n;
  }
}

TEST(X86_64, CountsTheWordsOfWideArguments) {
  const ArchAbi* abi = find("x86_64");
  ASSERT_NE(abi, nullptr);
  struct Row {
    std::vector<std::uint32_t> bytes;
    std::vector<std::optional<unsigned>> words;  ///< 1 to 6: registers; from 7 on the stack
  };
  for (const Row& row : {
           Row{{}, {}}, Row{{8, 4, 1, 2}, {1, 2, 3, 4}},
           Row{{8, 8, 8, 8, 8, 8, 8, 8}, {1, 2, 3, 4, 5, 6, 7, 8}},
           Row{{8, 16, 8}, {1, 2, 4}},  // two registers
           Row{{12, 8}, {1, 3}},        // struct { u64; u32; }
           Row{{24, 8, 8}, {7, 1, 2}},  // in memory; the registers stay free
           Row{{8, 8, 8, 8, 8, 16, 8, 8}, {1, 2, 3, 4, 5, 7, 6, 9}},  // one register is not enough
           Row{{0, 8}, {1, 1}},  // an empty struct takes nothing
       }) {
    EXPECT_EQ(argument_words(*abi, row.bytes), row.words) << testing::PrintToString(row.bytes);
  }
}

TEST(X86_64, UnpacksSystemCallsFromTheirRegisters) {
  const ArchAbi* abi = find("x86_64");
  ASSERT_NE(abi, nullptr);
  struct Row {
    unsigned n;
    std::optional<std::uint32_t> offset;
  };
  for (const Row& row : {Row{1, 14 * 8}, Row{2, 13 * 8}, Row{3, 12 * 8}, Row{4, 7 * 8},
                         Row{5, 9 * 8}, Row{6, 8 * 8}, Row{7, {}}}) {
    EXPECT_EQ(syscall_argument_offset(*abi, row.n), row.offset) << row.n;
  }
}

TEST(X86_64, KeepsTheWordOrderOf2009) {
  const ArchAbi* abi = find("x86_64");
  ASSERT_NE(abi, nullptr);
  ASSERT_EQ(abi->registers.size(), 21u);
  struct Row {
    std::size_t word;
    std::string_view name;
  };
  for (const Row& row : {Row{0, "r15"}, Row{4, "bp"}, Row{10, "ax"}, Row{14, "di"},
                         Row{15, "orig_ax"}, Row{16, "ip"}, Row{19, "sp"}, Row{20, "ss"}}) {
    EXPECT_EQ(abi->registers[row.word], row.name) << row.word;
  }
  for (std::string_view name : {"rax", "eax", "rdi", "rip", "eflags", "al"}) {
    EXPECT_FALSE(has_register(*abi, name)) << name;
  }
}

TEST(Find, KnowsNothingElse) {
  for (std::string_view name : {"", "vax", "X86_64", "x86"}) EXPECT_EQ(find(name), nullptr) << name;
}

TEST(Host, IsWhatUnameSays) {
  utsname names{};
  ASSERT_EQ(::uname(&names), 0);
  EXPECT_EQ(host(), find(names.machine));
}

}  // namespace
}  // namespace kprobed::arch
