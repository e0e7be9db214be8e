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
#include "base/error.h"

namespace kprobed::arch {

/// A second name of a word of struct pt_regs.
struct RegisterAlias {
  std::string_view name;
  unsigned word;
};

/// What becomes of a parameter of several words for which not enough registers are left.
enum class WhenShort : std::uint8_t {
  to_stack,           ///< it goes on the stack; later ones still take the registers that are left
  to_stack_for_good,  ///< it goes on the stack, and all later ones with it
  /// It begins in registers and ends on the stack, if nothing is on the stack yet; else as
  /// to_stack_for_good (AAPCS32 C.5).
  split_once,
  one_row,  ///< registers and stack are one row of words: it goes on where registers end
};

/// How a call passes parameters that are wider than a word.
struct WideArguments {
  WhenShort when_short = WhenShort::one_row;
  /// What is aligned to two words begins at a register, or a stack word, of even number.
  bool even_registers = false, even_stack = false;
  std::uint8_t most_words_in_registers = 255;  ///< what has more goes on the stack
  /// What has more bytes is passed as a pointer to a copy; 0: nothing is.
  std::uint8_t by_reference_above = 0;
  /// So is what has not 1, 2, 4 or 8 bytes.
  bool odd_sizes_by_reference = false;
};

/// How the instructions of a machine are told apart.
enum class InstructionSet : std::uint8_t { unknown, x86, four_bytes, riscv, s390 };

struct ArchAbi {
  std::string_view name;     ///< our name, Debian-like: "x86_64", "arm64"
  std::string_view machine;  ///< uname -m of its kernels: "x86_64", "aarch64"
  std::span<const std::string_view> other_machines = {};  ///< uname -m of other models
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
  /// Of a syscall's wrapper function: "__x64_"; "" where wrappers, if any, are called sys_NAME.
  std::string_view syscall_prefix;
  /// Where such a wrapper finds the arguments of the call: words of the struct pt_regs that its own
  /// first argument points to. Empty where there are no wrappers.
  std::span<const std::string_view> syscall_registers;
  /// What kprobe_events calls the register that holds the probed instruction's address while a
  /// uprobe's fetchargs are read; "" where that has not been tried.
  std::string_view instruction_register = {};
  std::span<const RegisterAlias> aliases = {};
  /// What the kernel's source calls the words that have no name in kprobe_events: for messages.
  std::span<const RegisterAlias> unnamed_words = {};
  /// The upper half of a result that is wider than a word: "dx" on i386, "" if none is.
  std::string_view high_return_register = {};
  /// $argN of its kernels is 0 for arguments that are passed on the stack
  /// (regs_get_kernel_argument).
  bool kernel_arguments_in_registers = false;
  /// $retval takes some results for those of system calls and negates them (regs_return_value,
  /// asm/ptrace.h): the register itself tells the truth.
  bool negates_results = false;
  /// Kernel and user memory share their numbers, so that only a fetch that says "user" (`ustring`,
  /// `+u8(%r3)`) reads what a user's pointer points to.
  bool overlapping_address_spaces = false;
  /// The word that a "" among syscall_registers means: it has no name to be found by.
  std::uint8_t unnamed_syscall_word = 0;
  WideArguments wide_arguments;
  /// A structure with more bytes is returned in memory...
  std::uint8_t most_result_bytes = 16;
  /// ... whose address comes as a first argument that nobody wrote.
  bool result_address_is_argument = true;
  /// Programs pass all arguments on the stack, whatever the kernel does.
  bool programs_pass_on_stack = false;
  /// Some kernels refuse probes at the first instruction of a function that ftrace can trace, since
  /// its patchable instructions are there: so many bytes, which change no argument. 0: none do.
  std::uint8_t entry_sled_bytes = 0;
  /// A kprobe's handler runs with interrupts on, and what happens in them may make the kernel
  /// forget the probe (engine/rcu_callbacks.h).
  bool interrupted_in_probes = false;
  InstructionSet instructions = InstructionSet::unknown;
  std::uint16_t elf_machine = 0;     ///< e_machine of its programs (elf.h)
  std::uint16_t elf_machine_32 = 0;  ///< of 32-bit programs that it runs too; 0: none
};

/// Every architecture known here.
std::span<const ArchAbi* const> all();

/// By our name or by uname's; nullptr if unknown.
const ArchAbi* find(std::string_view name);

/// The machine this program runs on; nullptr if it is not among all().
const ArchAbi* host();

/// unsupported: what is to be said where uname's word is none of these.
Error unknown_machine(std::string_view machine);

/// Is `name` (without '%') a register kprobe_events takes on this architecture?
bool has_register(const ArchAbi& abi, std::string_view name);

/// What kprobe_events calls the nth argument word (n >= 1) at function entry: "%di", "$stack1".
std::string argument_fetch(const ArchAbi& abi, unsigned n);

/// The same in a program, where arguments may have other places than in the kernel.
std::string program_argument_fetch(const ArchAbi& abi, unsigned n);

/// How many arguments begin in registers: those from argument_fetch(n + 1) on are on the stack.
unsigned register_arguments(const ArchAbi& abi, bool program);

/// A parameter of a call: an integer, a pointer, or a structure of them, passed by value.
struct ArgumentSize {
  std::uint32_t bytes = 0;
  std::uint32_t align = 0;  ///< in bytes; 0: as its size says
};

/// Where it is passed: from the n of argument_fetch() on.
struct ArgumentPlace {
  unsigned word = 1;
  unsigned words = 1;         ///< 0 for an empty structure
  bool by_reference = false;  ///< the word holds the address of a copy
  bool operator==(const ArgumentPlace&) const = default;
};

/// Where a call passes parameters of these sizes. Floating point has registers of its own: leave
/// such parameters out. `program`: as programs do, not as the kernel does.
std::vector<ArgumentPlace> argument_places(const ArchAbi& abi, std::span<const ArgumentSize> sizes,
                                           bool program = false);

/// The offset in bytes of the nth argument (n >= 1) of a system call in its wrapper's pt_regs;
/// nullopt where the call has no such argument.
std::optional<std::uint32_t> syscall_argument_offset(const ArchAbi& abi, unsigned n);

}  // namespace kprobed::arch
