// SPDX-License-Identifier: Apache-2.0
#include <elf.h>

#include "arch/architectures.h"

namespace kprobed::arch {
namespace {

// struct pt_regs, arch/mips/include/asm/ptrace.h (CONFIG_64BIT, without SmartMIPS and Octeon),
// under the names of regoffset_table in arch/mips/kernel/ptrace.c: numbers only, no a0, sp or ra.
constexpr std::string_view kRegisters[] = {
    "r0",  "r1",  "r2",        "r3",  "r4",  "r5",          "r6",       "r7",     "r8",  "r9",
    "r10", "r11", "r12",       "r13", "r14", "r15",         "r16",      "r17",    "r18", "r19",
    "r20", "r21", "r22",       "r23", "r24", "r25",         "r26",      "r27",    "r28", "r29",
    "r30", "r31", "c0_status", "hi",  "lo",  "c0_badvaddr", "c0_cause", "c0_epc",
};

// The n64 ABI; no regs_get_kernel_argument here, and so no $argN.
constexpr std::string_view kArguments[] = {"r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11"};

}  // namespace

constinit const ArchAbi abi_mips64el = {
    .name = "mips64el",
    .machine = "mips64",
    .registers = kRegisters,
    .argument_registers = kArguments,
    .first_stack_argument = 0,  // n64 has no home area, unlike o32
    .return_register = "r2",    // regs_return_value, arch/mips/include/asm/ptrace.h
    .stack_register = "r29",
    .word_bytes = 8,
    .byte_order = ByteOrder::little,
    .syscall_prefix = "",
    .syscall_registers = {},
    .negates_results = true,  // in programs, where r7 is not 0; seen with return uprobes on 6.1
    // The n64 ABI: one row of 64-bit slots, 16-byte alignment kept.
    .wide_arguments = {.even_registers = true, .even_stack = true},
    .interrupted_in_probes =
        true,  // "BUILD_HANDLER bp bp sti", arch/mips/kernel/genex.S; seen on 6.1
    .instructions = InstructionSet::four_bytes,
    .elf_machine = EM_MIPS,
};

}  // namespace kprobed::arch
