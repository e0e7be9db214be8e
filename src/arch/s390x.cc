// SPDX-License-Identifier: Apache-2.0
#include <elf.h>

#include "arch/architectures.h"

namespace kprobed::arch {
namespace {

// struct pt_regs, arch/s390/include/asm/ptrace.h, up to its orig_gpr2: args[0], psw.mask, psw.addr
// and orig_gpr2 have no name, since regs_query_register_offset (arch/s390/kernel/ptrace.c) knows
// the general registers only.
constexpr std::string_view kRegisters[] = {
    "",   "",   "",   "r0",  "r1",  "r2",  "r3",  "r4",  "r5",  "r6",
    "r7", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "",
};

// regs_get_kernel_argument, arch/s390/include/asm/ptrace.h.
constexpr std::string_view kArguments[] = {"r2", "r3", "r4", "r5", "r6"};

// SYSCALL_PT_ARGS, arch/s390/include/asm/syscall_wrapper.h: r2 holds the result by then, and the
// first argument is in orig_gpr2.
constexpr std::string_view kSyscallArguments[] = {"", "r3", "r4", "r5", "r6", "r7"};

constexpr RegisterAlias kUnnamed[] = {
    {"args[0]", 0}, {"psw.mask", 1}, {"psw.addr", 2}, {"orig_gpr2", 19}};

}  // namespace

constinit const ArchAbi abi_s390x = {
    .name = "s390x",
    .machine = "s390x",
    .registers = kRegisters,
    .argument_registers = kArguments,
    // 160 bytes of save area: regs_get_kernel_argument, and the s390x ELF ABI
    .first_stack_argument = 20,
    .return_register = "r2",  // regs_return_value, arch/s390/include/asm/ptrace.h
    .stack_register = "r15",
    .word_bytes = 8,
    .byte_order = ByteOrder::big,
    .syscall_prefix = "__s390x_",  // arch/s390/include/asm/syscall_wrapper.h
    .syscall_registers = kSyscallArguments,
    .unnamed_words = kUnnamed,
    // No ARCH_HAS_NON_OVERLAPPING_ADDRESS_SPACE in arch/s390/Kconfig: kernel and user memory have
    // the same numbers, and what is read from an address is the kernel's unless the fetch says
    // user.
    .overlapping_address_spaces = true,
    .unnamed_syscall_word = 19,
    // s390x ELF ABI, "Parameter passing": structures of 1, 2, 4 and 8 bytes as integers, all else
    // by address; and structures are never returned in registers.
    .wide_arguments = {.by_reference_above = 8, .odd_sizes_by_reference = true},
    .most_result_bytes = 0,
    .instructions = InstructionSet::s390,
    .elf_machine = EM_S390,
};

}  // namespace kprobed::arch
