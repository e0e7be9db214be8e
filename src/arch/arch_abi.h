// SPDX-License-Identifier: Apache-2.0
//
// One machine's calling convention and pt_regs as data. All architectures are compiled on every
// host: bytes captured elsewhere decode here, and a wrong row fails everywhere.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/byte_cursor.h"

namespace kprobed::arch {

struct ArchAbi {
  std::string_view name;     ///< our name, Debian-like: "x86_64", "arm64"
  std::string_view machine;  ///< uname -m of its kernels: "x86_64", "aarch64"
  /// struct pt_regs word by word (the 2009 rN), each under the name kprobe_events takes after '%'
  /// (regs_query_register_offset, arch/*/kernel/ptrace.c). "" is a word without a name.
  std::span<const std::string_view> registers;
  /// Registers of the first integer arguments of a *function call* (never the syscall list).
  std::span<const std::string_view> argument_registers;
  /// The $stackN index, at function entry, of the first argument that is passed on the stack.
  unsigned first_stack_argument;
  std::string_view return_register;
  std::string_view stack_register;
  std::uint8_t word_bytes;  ///< sizeof(unsigned long): 4 or 8
  ByteOrder byte_order;
  std::string_view syscall_prefix;  ///< of a syscall's wrapper function: "__x64_"
};

/// Every architecture known here.
std::span<const ArchAbi* const> all();

/// By our name or by uname's; nullptr if unknown.
const ArchAbi* find(std::string_view name);

/// The machine this program runs on; nullptr if it is not among all().
const ArchAbi* host();

/// Is `name` (without '%') a register kprobe_events takes on this architecture?
bool has_register(const ArchAbi& abi, std::string_view name);

/// What kprobe_events calls the nth argument (n >= 1) at function entry: "%di", "$stack1".
std::string argument_fetch(const ArchAbi& abi, unsigned n);

}  // namespace kprobed::arch
