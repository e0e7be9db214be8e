// SPDX-License-Identifier: Apache-2.0
//
// 64-bit PowerPC in both byte orders: the same registers, but different calling conventions on the
// stack.
#include <elf.h>

#include "arch/architectures.h"

namespace kprobed::arch {
namespace {

// struct user_pt_regs, arch/powerpc/include/asm/ptrace.h, under the names of regoffset_table in
// arch/powerpc/kernel/ptrace/ptrace.c. orig_gpr3 and result have none; the link register is
// "link", the condition register "ccr".
constexpr std::string_view kRegisters[] = {
    "r0",  "r1",  "r2",  "r3",   "r4",  "r5",  "r6",    "r7",   "r8",  "r9",    "r10",
    "r11", "r12", "r13", "r14",  "r15", "r16", "r17",   "r18",  "r19", "r20",   "r21",
    "r22", "r23", "r24", "r25",  "r26", "r27", "r28",   "r29",  "r30", "r31",   "nip",
    "msr", "",    "ctr", "link", "xer", "ccr", "softe", "trap", "dar", "dsisr", "",
};

// The table has these names too, for the same words.
constexpr RegisterAlias kAliases[] = {
    {"gpr0", 0},   {"gpr1", 1},   {"gpr2", 2},   {"gpr3", 3},   {"gpr4", 4},   {"gpr5", 5},
    {"gpr6", 6},   {"gpr7", 7},   {"gpr8", 8},   {"gpr9", 9},   {"gpr10", 10}, {"gpr11", 11},
    {"gpr12", 12}, {"gpr13", 13}, {"gpr14", 14}, {"gpr15", 15}, {"gpr16", 16}, {"gpr17", 17},
    {"gpr18", 18}, {"gpr19", 19}, {"gpr20", 20}, {"gpr21", 21}, {"gpr22", 22}, {"gpr23", 23},
    {"gpr24", 24}, {"gpr25", 25}, {"gpr26", 26}, {"gpr27", 27}, {"gpr28", 28}, {"gpr29", 29},
    {"gpr30", 30}, {"gpr31", 31},
};

// ELFv1 and ELFv2 ABI; regs_get_kernel_argument (since 6.8), arch/powerpc/include/asm/ptrace.h, has
// the same eight.
constexpr std::string_view kArguments[] = {"r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10"};

// SC_POWERPC_REGS_TO_ARGS (since 6.1), arch/powerpc/include/asm/syscall_wrapper.h.
constexpr std::string_view kSyscallArguments[] = {"r3", "r4", "r5", "r6", "r7", "r8"};

constexpr RegisterAlias kUnnamed[] = {{"orig_gpr3", 34}, {"result", 43}};

constexpr ArchAbi powerpc64(std::string_view name, std::string_view machine, ByteOrder order,
                            unsigned first_stack_argument, std::uint8_t most_result_bytes) {
  return {
      .name = name,
      .machine = machine,
      .registers = kRegisters,
      .argument_registers = kArguments,
      .first_stack_argument = first_stack_argument,
      .return_register = "r3",
      .stack_register = "r1",
      .word_bytes = 8,
      .byte_order = order,
      .syscall_prefix = "",
      .syscall_registers = kSyscallArguments,
      .aliases = kAliases,
      .unnamed_words = kUnnamed,
      .kernel_arguments_in_registers = true,
      .negates_results = true,  // where CR0.SO is set, which a function may leave so
      // ELF ABI: one row of 64-bit slots, 16-byte alignment kept.
      .wide_arguments = {.even_registers = true, .even_stack = true},
      .most_result_bytes = most_result_bytes,
      .instructions = InstructionSet::four_bytes,
      .elf_machine = EM_PPC64,
  };
}

}  // namespace

// ELFv2 ABI: 32 bytes of header, and a slot for each register.
constinit const ArchAbi abi_ppc64el = powerpc64("ppc64el", "ppc64le", ByteOrder::little, 12, 16);
// ELFv1 ABI: 48 bytes of header, and a slot for each register.
constinit const ArchAbi abi_ppc64 = powerpc64("ppc64", "ppc64", ByteOrder::big, 14, 0);

}  // namespace kprobed::arch
