// SPDX-License-Identifier: Apache-2.0
#include <elf.h>

#include "arch/architectures.h"

namespace kprobed::arch {
namespace {

// struct pt_regs, arch/loongarch/include/asm/ptrace.h, under the names of regoffset_table in
// arch/loongarch/kernel/ptrace.c: numbers only, no a0, sp or ra.
constexpr std::string_view kRegisters[] = {
    "r0",       "r1",       "r2",       "r3",       "r4",        "r5",      "r6",
    "r7",       "r8",       "r9",       "r10",      "r11",       "r12",     "r13",
    "r14",      "r15",      "r16",      "r17",      "r18",       "r19",     "r20",
    "r21",      "r22",      "r23",      "r24",      "r25",       "r26",     "r27",
    "r28",      "r29",      "r30",      "r31",      "orig_a0",   "csr_era", "csr_badvaddr",
    "csr_crmd", "csr_prmd", "csr_euen", "csr_ecfg", "csr_estat",
};

// regs_get_kernel_argument, arch/loongarch/include/asm/ptrace.h.
constexpr std::string_view kArguments[] = {"r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11"};

}  // namespace

constinit const ArchAbi abi_loongarch64 = {
    .name = "loongarch64",
    .machine = "loongarch64",
    .registers = kRegisters,
    .argument_registers = kArguments,
    .first_stack_argument = 0,  // regs_get_kernel_argument: at sp; the return address is in r1
    .return_register = "r4",    // regs_return_value, arch/loongarch/include/asm/ptrace.h
    .stack_register = "r3",
    .word_bytes = 8,
    .byte_order = ByteOrder::little,
    .syscall_prefix = "",
    .syscall_registers = {},
    // LoongArch ELF psABI, "Procedure Calling Convention".
    .wide_arguments = {.even_stack = true, .by_reference_above = 16},
    .instructions = InstructionSet::four_bytes,
    .elf_machine = 258,  // EM_LOONGARCH, which elf.h of glibc 2.36 does not have everywhere
};

}  // namespace kprobed::arch
