// SPDX-License-Identifier: Apache-2.0
#include <elf.h>

#include "arch/architectures.h"

namespace kprobed::arch {
namespace {

// struct pt_regs, arch/x86/include/asm/ptrace.h (CONFIG_X86_32), under the names of
// regoffset_table in arch/x86/kernel/ptrace.c. The kernel reads the segment registers as 16 bits.
constexpr std::string_view kRegisters[] = {
    "bx", "cx", "dx",      "si", "di", "bp",    "ax", "ds", "es",
    "fs", "gs", "orig_ax", "ip", "cs", "flags", "sp", "ss",
};

// regs_get_kernel_argument, arch/x86/include/asm/ptrace.h: the kernel is built with -mregparm=3
// (arch/x86/Makefile). asmlinkage and variadic functions have everything on the stack.
constexpr std::string_view kArguments[] = {"ax", "dx", "cx"};

// SC_IA32_REGS_TO_ARGS, arch/x86/include/asm/syscall_wrapper.h.
constexpr std::string_view kSyscallArguments[] = {"bx", "cx", "dx", "si", "di", "bp"};

constexpr std::string_view kMachines[] = {"i386", "i486", "i586"};

}  // namespace

constinit const ArchAbi abi_i386 = {
    .name = "i386",
    .machine = "i686",
    .other_machines = kMachines,
    .registers = kRegisters,
    .argument_registers = kArguments,
    .first_stack_argument = 1,  // $stack0 is the return address
    .return_register = "ax",    // regs_return_value, arch/x86/include/asm/ptrace.h
    .stack_register = "sp",
    .word_bytes = 4,
    .byte_order = ByteOrder::little,
    .syscall_prefix = "__ia32_",  // arch/x86/include/asm/syscall_wrapper.h
    .syscall_registers = kSyscallArguments,
    .high_return_register = "dx",  // i386 psABI
    // gcc, function_arg_advance_32: what does not fit takes the registers that are left with it,
    // and nothing is aligned to more than a word.
    .wide_arguments = {.when_short = WhenShort::to_stack_for_good},
    .most_result_bytes = 8,          // -freg-struct-return, arch/x86/Makefile
    .programs_pass_on_stack = true,  // i386 psABI
    .instructions = InstructionSet::x86,
    .elf_machine = EM_386,
};

}  // namespace kprobed::arch
