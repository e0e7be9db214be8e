// SPDX-License-Identifier: Apache-2.0
#include <elf.h>

#include "arch/architectures.h"

namespace kprobed::arch {
namespace {

// struct pt_regs, arch/x86/include/asm/ptrace.h, under the names of regoffset_table in
// arch/x86/kernel/ptrace.c: no "r" or "e" before ax, di, sp and the like.
constexpr std::string_view kRegisters[] = {
    "r15", "r14", "r13", "r12", "bp",      "bx", "r11", "r10",   "r9", "r8", "ax",
    "cx",  "dx",  "si",  "di",  "orig_ax", "ip", "cs",  "flags", "sp", "ss",
};

// regs_get_kernel_argument, arch/x86/include/asm/ptrace.h. (A system call has r10 in place of cx.)
constexpr std::string_view kArguments[] = {"di", "si", "dx", "cx", "r8", "r9"};

// SC_X86_64_REGS_TO_ARGS, arch/x86/include/asm/syscall_wrapper.h: the fourth is r10, since the
// syscall instruction keeps the return address in cx.
constexpr std::string_view kSyscallArguments[] = {"di", "si", "dx", "r10", "r8", "r9"};

}  // namespace

constinit const ArchAbi abi_x86_64 = {
    .name = "x86_64",
    .machine = "x86_64",
    .registers = kRegisters,
    .argument_registers = kArguments,
    .first_stack_argument = 1,  // $stack0 is the return address; regs_get_kernel_argument
    .return_register = "ax",    // regs_return_value, arch/x86/include/asm/ptrace.h
    .stack_register = "sp",
    .word_bytes = 8,
    .byte_order = ByteOrder::little,
    .syscall_prefix = "__x64_",  // arch/x86/include/asm/syscall_wrapper.h
    .syscall_registers = kSyscallArguments,
    .instruction_register = "ip",
    // System V psABI x86-64, 3.2.3: two registers or memory; what lies in memory keeps its
    // alignment.
    .wide_arguments = {.when_short = WhenShort::to_stack,
                       .even_stack = true,
                       .most_words_in_registers = 2},
    .instructions = InstructionSet::x86,
    .elf_machine = EM_X86_64,
    .elf_machine_32 = EM_386,
};

}  // namespace kprobed::arch
