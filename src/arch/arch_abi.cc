// SPDX-License-Identifier: Apache-2.0
#include "arch/arch_abi.h"

#include <sys/utsname.h>

#include <algorithm>
#include <bit>
#include <cassert>

#include "arch/architectures.h"
#include "base/format.h"

namespace kprobed::arch {

#define KPROBED_POINTER_TO_ABI(name) &abi_##name,
constexpr const ArchAbi* kAll[] = {KPROBED_ARCHITECTURES(KPROBED_POINTER_TO_ABI)};
#undef KPROBED_POINTER_TO_ABI

std::span<const ArchAbi* const> all() { return kAll; }

const ArchAbi* find(std::string_view name) {
  for (const ArchAbi* abi : kAll) {
    if (abi->name == name || abi->machine == name ||
        std::ranges::find(abi->other_machines, name) != abi->other_machines.end()) {
      return abi;
    }
  }
  return nullptr;
}

const ArchAbi* host() {
  // Not the compiler's idea of the machine: the kernel may be a 64-bit one under 32-bit programs.
  utsname names{};
  return ::uname(&names) == 0 ? find(names.machine) : nullptr;
}

Error unknown_machine(std::string_view machine) {
  // Not a register it could name, nor a record it could read: nothing would be right.
  if (machine == "ia64") {
    return Error(ErrorCode::unsupported,
                 "kprobed cannot work on ia64: no kernel of it has ever had kprobe_events");
  }
  std::string known;
  for (const ArchAbi* abi : kAll) known += format("{}{}", known.empty() ? "" : ", ", abi->name);
  return Error(ErrorCode::unsupported,
               format("kprobed does not know this machine's registers and calls: '{}'", machine))
      .with_hint(format("it knows {}", known));
}

bool has_register(const ArchAbi& abi, std::string_view name) {
  return !name.empty() &&
         (std::ranges::find(abi.registers, name) != abi.registers.end() ||
          std::ranges::find(abi.aliases, name, &RegisterAlias::name) != abi.aliases.end());
}

unsigned register_arguments(const ArchAbi& abi, bool program) {
  return program && abi.programs_pass_on_stack
             ? 0
             : static_cast<unsigned>(abi.argument_registers.size());
}

namespace {

std::string fetch_of(const ArchAbi& abi, unsigned n, unsigned in_registers) {
  assert(n >= 1);
  if (n <= in_registers) return format("%{}", abi.argument_registers[n - 1]);
  return format("$stack{}", abi.first_stack_argument + (n - 1 - in_registers));
}

/// Gives the words of a call away, first to last, counted from 0.
class Words {
 public:
  Words(const WideArguments& rule, unsigned registers) : rule_(rule), registers_(registers) {}

  unsigned take(unsigned words, bool aligned) {
    unsigned first = next_register_;
    if (aligned && rule_.even_registers) first = even(first);
    if (words <= rule_.most_words_in_registers && first + words <= registers_) {
      next_register_ = first + words;
      return first;
    }
    const bool split = rule_.when_short == WhenShort::one_row ||
                       (rule_.when_short == WhenShort::split_once && next_stack_ == 0);
    if (split && first < registers_) {
      next_register_ = registers_;
      next_stack_ = first + words - registers_;
      return first;
    }
    if (rule_.when_short != WhenShort::to_stack) next_register_ = registers_;
    if (aligned && rule_.even_stack) next_stack_ = even(next_stack_);
    const unsigned on_stack = next_stack_;
    next_stack_ += words;
    return registers_ + on_stack;
  }

  unsigned next() const {
    return next_register_ < registers_ ? next_register_ : registers_ + next_stack_;
  }

 private:
  static unsigned even(unsigned n) { return n + n % 2; }

  const WideArguments& rule_;
  unsigned registers_;
  unsigned next_register_ = 0, next_stack_ = 0;
};

}  // namespace

std::string argument_fetch(const ArchAbi& abi, unsigned n) {
  return fetch_of(abi, n, register_arguments(abi, false));
}

std::string program_argument_fetch(const ArchAbi& abi, unsigned n) {
  return fetch_of(abi, n, register_arguments(abi, true));
}

std::vector<ArgumentPlace> argument_places(const ArchAbi& abi, std::span<const ArgumentSize> sizes,
                                           bool program) {
  const WideArguments& rule = abi.wide_arguments;
  Words row(rule, register_arguments(abi, program));
  std::vector<ArgumentPlace> places;
  for (const ArgumentSize& size : sizes) {
    ArgumentPlace place;
    place.by_reference =
        (rule.by_reference_above != 0 && size.bytes > rule.by_reference_above) ||
        (rule.odd_sizes_by_reference && size.bytes != 0 && !std::has_single_bit(size.bytes));
    place.words = place.by_reference ? 1 : (size.bytes + abi.word_bytes - 1) / abi.word_bytes;
    const std::uint32_t align = size.align != 0 ? size.align : size.bytes;
    const bool aligned = place.words > 1 && align >= 2u * abi.word_bytes;
    place.word = 1 + (place.words == 0 ? row.next() : row.take(place.words, aligned));
    places.push_back(place);
  }
  return places;
}

std::optional<std::uint32_t> syscall_argument_offset(const ArchAbi& abi, unsigned n) {
  assert(n >= 1);
  if (n > abi.syscall_registers.size()) return std::nullopt;
  const std::string_view name = abi.syscall_registers[n - 1];
  if (name.empty()) return std::uint32_t{abi.unnamed_syscall_word} * abi.word_bytes;
  const auto found = std::ranges::find(abi.registers, name);
  if (found == abi.registers.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - abi.registers.begin()) * abi.word_bytes;
}

}  // namespace kprobed::arch
