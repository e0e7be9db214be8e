// SPDX-License-Identifier: Apache-2.0
#include <elf.h>

#include "arch/architectures.h"

namespace kprobed::arch {
namespace {

// struct user_pt_regs at the start of struct pt_regs, arch/arm64/include/asm/ptrace.h, under the
// names of regoffset_table in arch/arm64/kernel/ptrace.c. What follows (orig_x0, syscallno, ...)
// has no name.
constexpr std::string_view kRegisters[] = {
    "x0",  "x1",  "x2",  "x3",  "x4",  "x5",  "x6",  "x7",  "x8",  "x9",     "x10", "x11",
    "x12", "x13", "x14", "x15", "x16", "x17", "x18", "x19", "x20", "x21",    "x22", "x23",
    "x24", "x25", "x26", "x27", "x28", "x29", "x30", "sp",  "pc",  "pstate",
};

// The table has these names too, for the same words.
constexpr RegisterAlias kAliases[] = {
    {"lr", 30},
};

// regs_get_kernel_argument, arch/arm64/include/asm/ptrace.h.
constexpr std::string_view kArguments[] = {"x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7"};

// SC_ARM64_REGS_TO_ARGS, arch/arm64/include/asm/syscall_wrapper.h.
constexpr std::string_view kSyscallArguments[] = {"x0", "x1", "x2", "x3", "x4", "x5"};

}  // namespace

constinit const ArchAbi abi_arm64 = {
    .name = "arm64",
    .machine = "aarch64",
    .registers = kRegisters,
    .argument_registers = kArguments,
    .first_stack_argument = 0,  // AAPCS64: at sp; the return address is in x30
    .return_register = "x0",    // regs_return_value, arch/arm64/include/asm/ptrace.h
    .stack_register = "sp",
    .word_bytes = 8,
    .byte_order = ByteOrder::little,
    .syscall_prefix = "__arm64_",  // arch/arm64/include/asm/syscall_wrapper.h
    .syscall_registers = kSyscallArguments,
    .aliases = kAliases,
    .kernel_arguments_in_registers = true,
    // AAPCS64 B.4, C.9 to C.13.
    .wide_arguments = {.when_short = WhenShort::to_stack_for_good,
                       .even_registers = true,
                       .even_stack = true,
                       .by_reference_above = 16},
    .result_address_is_argument = false,  // AAPCS64: in x8
    .instructions = InstructionSet::four_bytes,
    .elf_machine = EM_AARCH64,
    .elf_machine_32 = EM_ARM,
};

}  // namespace kprobed::arch
