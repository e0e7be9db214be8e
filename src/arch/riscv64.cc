// SPDX-License-Identifier: Apache-2.0
#include <elf.h>

#include "arch/architectures.h"

namespace kprobed::arch {
namespace {

// struct pt_regs, arch/riscv/include/asm/ptrace.h, under the names of regoffset_table in
// arch/riscv/kernel/ptrace.c: epc, not pc.
constexpr std::string_view kRegisters[] = {
    "epc", "ra", "sp",  "gp",  "tp", "t0", "t1", "t2", "s0",     "s1",      "a0",    "a1",
    "a2",  "a3", "a4",  "a5",  "a6", "a7", "s2", "s3", "s4",     "s5",      "s6",    "s7",
    "s8",  "s9", "s10", "s11", "t3", "t4", "t5", "t6", "status", "badaddr", "cause", "orig_a0",
};

// regs_get_kernel_argument, arch/riscv/include/asm/ptrace.h.
constexpr std::string_view kArguments[] = {"a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7"};

// SC_RISCV_REGS_TO_ARGS (since 6.6), arch/riscv/include/asm/syscall_wrapper.h: a0 holds the
// result.
constexpr std::string_view kSyscallArguments[] = {"orig_a0", "a1", "a2", "a3", "a4", "a5"};

}  // namespace

constinit const ArchAbi abi_riscv64 = {
    .name = "riscv64",
    .machine = "riscv64",
    .registers = kRegisters,
    .argument_registers = kArguments,
    .first_stack_argument = 0,  // RISC-V psABI: at sp; the return address is in ra
    .return_register = "a0",    // regs_return_value, arch/riscv/include/asm/ptrace.h
    .stack_register = "sp",
    .word_bytes = 8,
    .byte_order = ByteOrder::little,
    .syscall_prefix = "__riscv_",  // arch/riscv/include/asm/syscall_wrapper.h
    .syscall_registers = kSyscallArguments,
    .kernel_arguments_in_registers = true,
    // RISC-V psABI, "Integer Calling Convention".
    .wide_arguments = {.even_stack = true, .by_reference_above = 16},
    // -fpatchable-function-entry: four compressed or two full NOPs (arch/riscv/Makefile). Kernels
    // 6.10 to 6.17 have ftrace's site there and no KPROBES_ON_FTRACE (check_ftrace_location,
    // kernel/kprobes.c).
    .entry_sled_bytes = 8,
    .instructions = InstructionSet::riscv,
    .elf_machine = EM_RISCV,
};

}  // namespace kprobed::arch
