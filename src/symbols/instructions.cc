// SPDX-License-Identifier: Apache-2.0
#include "symbols/instructions.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "base/format.h"
#include "base/text.h"
#include "symbols/x86_code.h"

namespace kprobed::symbols {

namespace {

constexpr std::byte kInt3{0xcc};
constexpr std::byte kJump32{0xe9};
constexpr std::size_t kJump32Bytes = 5;
constexpr std::size_t kLongestInstruction = 15;  // x86
/// x86 finds its feet again after a few instructions, wherever decoding starts.
constexpr std::size_t kResyncBytes = 128;

constexpr std::string_view kBlacklisted = "it is on the kernel's list of what must not be probed";

/// One x86 function, from its first byte to its last.
class X86Function {
 public:
  X86Function(const X86Decoder& decoder, Bytes code, std::uint64_t address, const CodeFacts& facts)
      : decoder_(decoder), code_(code), address_(address), facts_(facts) {}

  resolve::Disassembly decode() {
    while (at_ < code_.size() && step()) {
    }
    if (!hidden_.empty()) say("another probe hides what is at " + hidden_);
    return std::move(found_);
  }

 private:
  bool step() {
    if (code_[at_] == kInt3) {
      if (is_probes_int3(at_)) return hide(1);
      // arch_prepare_kprobe, arch/x86/kernel/kprobes/core.c, refuses int3.
      std::size_t end = at_ + 1;
      while (end < code_.size() && code_[end] == kInt3 && !is_probes_int3(end)) ++end;
      add(static_cast<std::uint32_t>(end - at_), "int3",
          "it is a trap that the compiler or the kernel has put there");
      return true;
    }
    if (is_probes_jump()) return hide(kJump32Bytes);
    const auto instruction = decoder_.decode(code_.subspan(at_), address_ + at_);
    if (!instruction) {
      say(format("what follows +{} cannot be decoded", hex(at_)));
      return false;
    }
    after_end_ = instruction->ends_flow;
    // check_kprobe_address_safe, kernel/kprobes.c: find_bug_at().
    add(instruction->bytes, instruction->text,
        instruction->is_trap ? "it is a trap of the kernel's own (BUG or WARN)" : "");
    return true;
  }

  /// Compilers and the kernel put int3 behind what never comes back (straight-line speculation,
  /// alignment); a probe's stands where an instruction was.
  bool is_probes_int3(std::size_t at) const {
    if (facts_.probes) return std::ranges::binary_search(*facts_.probes, address_ + at);
    return !after_end_;
  }

  /// An optimized probe: a jump to a page that the kernel made for it (arch_optimize_kprobes).
  bool is_probes_jump() const {
    if (code_[at_] != kJump32 || code_.size() - at_ < kJump32Bytes) return false;
    const auto distance = load<std::int32_t>(code_.data() + at_ + 1, ByteOrder::little);
    const std::uint64_t target =
        address_ + at_ + kJump32Bytes + static_cast<std::uint64_t>(std::int64_t{distance});
    if (facts_.in_text(target)) return false;
    return !facts_.probes || std::ranges::binary_search(*facts_.probes, address_ + at_);
  }

  /// A probe has taken the place of at least `bytes`. The instruction under it, or the last of
  /// them, ends up to kLongestInstruction later, nobody knows where: decoding starts at each of
  /// these places, and goes on where they all come together.
  bool hide(std::size_t bytes) {
    const std::size_t limit = std::min(code_.size(), at_ + kResyncBytes);
    std::set<std::size_t> common;
    bool first = true;
    for (std::size_t start = at_ + bytes; start < at_ + bytes + kLongestInstruction; ++start) {
      const std::set<std::size_t> boundaries = boundaries_from(start, limit);
      if (boundaries.empty()) continue;
      if (first) {
        common = boundaries;
      } else {
        std::erase_if(common, [&](std::size_t at) { return !boundaries.contains(at); });
      }
      first = false;
    }
    std::size_t next = common.empty() ? code_.size() : *common.begin();
    next = std::min(next, next_probe());
    hidden_ += format("{}+{} to +{}", hidden_.empty() ? "" : ", ", hex(at_), hex(next - 1));
    // The kernel sets several probes on one instruction: here is one that can be probed.
    add(static_cast<std::uint32_t>(next - at_), "", "");
    after_end_ = false;
    return true;
  }

  /// Where the next of the known probes is set: certainly an instruction.
  std::size_t next_probe() const {
    if (!facts_.probes) return code_.size();
    const auto above = std::ranges::upper_bound(*facts_.probes, address_ + at_);
    if (above == facts_.probes->end()) return code_.size();
    return static_cast<std::size_t>(std::min<std::uint64_t>(*above - address_, code_.size()));
  }

  /// Beginnings of the instructions if there is one at `start`, up to and with the limit. Empty if
  /// that leads to something that is no instruction.
  std::set<std::size_t> boundaries_from(std::size_t start, std::size_t limit) const {
    std::set<std::size_t> boundaries;
    std::size_t at = start;
    for (; at < limit;) {
      boundaries.insert(at);
      const std::uint32_t bytes = decoder_.length(code_.subspan(at));
      if (bytes == 0) return {};
      at += bytes;
    }
    if (at == code_.size()) boundaries.insert(at);
    return boundaries;
  }

  void add(std::uint32_t bytes, std::string text, std::string_view refused) {
    if (facts_.blacklisted(address_ + at_)) refused = kBlacklisted;
    found_.instructions.push_back(
        {static_cast<std::uint32_t>(at_), bytes, std::move(text), std::string(refused)});
    at_ += bytes;
  }

  void say(const std::string& why) {
    found_.incomplete += (found_.incomplete.empty() ? "" : "; ") + why;
  }

  const X86Decoder& decoder_;
  Bytes code_;
  std::uint64_t address_;
  const CodeFacts& facts_;
  std::size_t at_ = 0;
  bool after_end_ = false;  ///< the instruction before never comes here
  std::string hidden_;
  resolve::Disassembly found_;
};

/// How many bytes the instruction has that begins like that.
using Width = unsigned (*)(const std::byte* first);

unsigned four(const std::byte*) { return 4; }

/// RISC-V's manual, volume I, "Base Instruction-Length Encoding": always little-endian.
unsigned riscv(const std::byte* first) {
  return (load<std::uint16_t>(first, ByteOrder::little) & 3) == 3 ? 4 : 2;
}

/// z/Architecture Principles of Operation, "Instruction Formats": the first two bits.
unsigned s390(const std::byte* first) {
  const auto bits = std::to_integer<unsigned>(*first) >> 6;
  return bits == 0 ? 2 : bits == 3 ? 6 : 4;
}

/// nullptr: not known.
Width width_of(arch::InstructionSet set) {
  switch (set) {
    case arch::InstructionSet::four_bytes:
      return four;
    case arch::InstructionSet::riscv:
      return riscv;
    case arch::InstructionSet::s390:
      return s390;
    case arch::InstructionSet::x86:
    case arch::InstructionSet::unknown:
      break;
  }
  return nullptr;
}

resolve::Disassembly by_width(Width width, Bytes code, std::uint64_t address,
                              const CodeFacts& facts) {
  resolve::Disassembly found;
  std::size_t at = 0;
  while (code.size() - at >= 2) {
    const unsigned bytes = width(code.data() + at);
    if (bytes > code.size() - at) break;
    found.instructions.push_back(
        {static_cast<std::uint32_t>(at), bytes, "",
         std::string(facts.blacklisted(address + at) ? kBlacklisted : "")});
    at += bytes;
  }
  if (at != code.size()) found.incomplete = format("what follows +{} is no instruction", hex(at));
  return found;
}

}  // namespace

Result<resolve::Disassembly> decode_function(const arch::ArchAbi& abi, Bytes code,
                                             std::uint64_t address, const CodeFacts& facts) {
  if (abi.instructions == arch::InstructionSet::x86) {
    KPROBED_TRY(const X86Decoder decoder, X86Decoder::open(abi.word_bytes));
    return X86Function(decoder, code, address, facts).decode();
  }
  if (const Width width = width_of(abi.instructions)) return by_width(width, code, address, facts);
  return Error(ErrorCode::unsupported,
               format("instructions of {} cannot be told apart here", abi.name));
}

}  // namespace kprobed::symbols
