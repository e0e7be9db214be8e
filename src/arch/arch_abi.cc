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
  return !name.empty() && std::ranges::find(abi.registers, name) != abi.registers.end();
}

std::string argument_fetch(const ArchAbi& abi, unsigned n) {
  assert(n >= 1);
  const auto in_registers = static_cast<unsigned>(abi.argument_registers.size());
  if (n <= in_registers) return format("%{}", abi.argument_registers[n - 1]);
  return format("$stack{}", abi.first_stack_argument + (n - 1 - in_registers));
}

}  // namespace kprobed::arch
