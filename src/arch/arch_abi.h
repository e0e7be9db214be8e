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
#include <vector>

#include "base/byte_cursor.h"

namespace kprobed::arch {

/// A second name of a word of struct pt_regs.
struct RegisterAlias {
  std::string_view name;
  unsigned word;
};

/// How a call passes parameters that are wider than a word.
enum class WideArguments : std::uint8_t {
  unknown,
  /// Two words in the next two registers, if so many are left; all else on the stack, and later
  /// parameters still take the registers that are left (System V psABI x86-64 3.2.3).
  two_registers_or_stack,
};

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
  /// Where such a wrapper finds the arguments of the call: words of the struct pt_regs that its own
  /// first argument points to. Empty where there are no wrappers.
  std::span<const std::string_view> syscall_registers;
  /// What kprobe_events calls the register that holds the probed instruction's address while a
  /// uprobe's fetchargs are read; "" where that has not been tried.
  std::string_view instruction_register = {};
  std::span<const RegisterAlias> aliases = {};
  /// The upper half of a result that is wider than a word: "dx" on i386, "" if none is.
  std::string_view high_return_register = {};
  /// Kernel and user memory share their numbers, so that only a fetch that says "user" (`ustring`,
  /// `+u8(%r3)`) reads what a user's pointer points to.
  bool overlapping_address_spaces = false;
  /// The word that a "" among syscall_registers means: it has no name to be found by.
  std::uint8_t unnamed_syscall_word = 0;
  WideArguments wide_arguments = WideArguments::unknown;
};

/// Every architecture known here.
std::span<const ArchAbi* const> all();

/// By our name or by uname's; nullptr if unknown.
const ArchAbi* find(std::string_view name);

/// The machine this program runs on; nullptr if it is not among all().
const ArchAbi* host();

/// Is `name` (without '%') a register kprobe_events takes on this architecture?
bool has_register(const ArchAbi& abi, std::string_view name);

/// What kprobe_events calls the nth argument word (n >= 1) at function entry: "%di", "$stack1".
std::string argument_fetch(const ArchAbi& abi, unsigned n);

/// For a call with parameters of these sizes in bytes (integers, pointers, and structures of them,
/// passed by value), the n of argument_fetch() at which each begins; a parameter that needs several
/// words takes so many. Floating point has registers of its own: leave such parameters out. nullopt
/// from the first on that is wider than a word, where `wide_arguments` is unknown.
std::vector<std::optional<unsigned>> argument_words(const ArchAbi& abi,
                                                    std::span<const std::uint32_t> bytes);

/// The offset in bytes of the nth argument (n >= 1) of a system call in its wrapper's pt_regs;
/// nullopt where the call has no such argument.
std::optional<std::uint32_t> syscall_argument_offset(const ArchAbi& abi, unsigned n);

}  // namespace kprobed::arch
