// SPDX-License-Identifier: Apache-2.0
#include <elf.h>

#include "arch/architectures.h"

namespace kprobed::arch {
namespace {

// struct pt_regs is uregs[18], arch/arm/include/asm/ptrace.h, under the names of regoffset_table
// in arch/arm/kernel/ptrace.c: no r11 to r15.
constexpr std::string_view kRegisters[] = {
    "r0", "r1",  "r2", "r3", "r4", "r5", "r6", "r7",   "r8",
    "r9", "r10", "fp", "ip", "sp", "lr", "pc", "cpsr", "ORIG_r0",
};

// AAPCS32; this kernel has no regs_get_kernel_argument, and so no $argN.
constexpr std::string_view kArguments[] = {"r0", "r1", "r2", "r3"};

constexpr std::string_view kMachines[] = {"armv5tel", "armv5tejl", "armv6l"};

}  // namespace

constinit const ArchAbi abi_armhf = {
    .name = "armhf",
    .machine = "armv7l",
    .other_machines = kMachines,
    .registers = kRegisters,
    .argument_registers = kArguments,
    .first_stack_argument = 0,  // AAPCS32: at sp; the return address is in lr
    .return_register = "r0",    // regs_return_value, arch/arm/include/asm/ptrace.h
    .stack_register = "sp",
    .word_bytes = 4,
    .byte_order = ByteOrder::little,
    .syscall_prefix = "",
    .syscall_registers = {},
    .high_return_register = "r1",  // AAPCS32: a 64-bit result is r1:r0
    // AAPCS32 C.3 to C.7.
    .wide_arguments = {.when_short = WhenShort::split_once,
                       .even_registers = true,
                       .even_stack = true},
    .most_result_bytes = 4,
    .instructions = InstructionSet::four_bytes,
    .elf_machine = EM_ARM,
};

}  // namespace kprobed::arch
