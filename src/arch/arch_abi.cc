// SPDX-License-Identifier: Apache-2.0
#include "arch/arch_abi.h"

#include <sys/utsname.h>

#include <algorithm>
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
    if (abi->name == name || abi->machine == name) return abi;
  }
  return nullptr;
}

const ArchAbi* host() {
  // Not the compiler's idea of the machine: the kernel may be a 64-bit one under 32-bit programs.
  utsname names{};
  return ::uname(&names) == 0 ? find(names.machine) : nullptr;
}

bool has_register(const ArchAbi& abi, std::string_view name) {
  return !name.empty() &&
         (std::ranges::find(abi.registers, name) != abi.registers.end() ||
          std::ranges::find(abi.aliases, name, &RegisterAlias::name) != abi.aliases.end());
}

std::string argument_fetch(const ArchAbi& abi, unsigned n) {
  assert(n >= 1);
  const auto in_registers = static_cast<unsigned>(abi.argument_registers.size());
  if (n <= in_registers) return format("%{}", abi.argument_registers[n - 1]);
  return format("$stack{}", abi.first_stack_argument + (n - 1 - in_registers));
}

std::vector<std::optional<unsigned>> argument_words(const ArchAbi& abi,
                                                    std::span<const std::uint32_t> bytes) {
  constexpr std::uint32_t kMostInRegisters = 2;
  const auto registers = static_cast<unsigned>(abi.argument_registers.size());
  std::vector<std::optional<unsigned>> begins;
  unsigned next_register = 1, next_on_stack = registers + 1;
  for (const std::uint32_t size : bytes) {
    const unsigned words = (size + abi.word_bytes - 1) / abi.word_bytes;
    if (words > 1 && abi.wide_arguments == WideArguments::unknown) break;
    const bool fits = words <= kMostInRegisters && next_register + words <= registers + 1;
    unsigned& next = fits ? next_register : next_on_stack;
    begins.emplace_back(next);
    next += words;
  }
  begins.resize(bytes.size());
  return begins;
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
