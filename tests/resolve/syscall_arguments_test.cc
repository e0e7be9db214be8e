// SPDX-License-Identifier: Apache-2.0
//
// System calls by their names: arguments out of the wrapper's pt_regs.
#include "typed_kernel.h"

namespace kprobed::resolve {
namespace {

TEST(SyscallArguments, AreTakenOutOfTheCallersRegisters) {
  const FakeKernel kernel = typed_kernel();
  struct Row {
    std::string_view text, argument;
  };
  for (const Row& row : {
           Row{"p sys_openat a1", "a1=+112(%di):x64 x"},
           Row{"p sys_openat a2", "a2=+104(%di):x64 x"},
           Row{"p openat a3:u32", "a3=+96(%di):u32 u"},
           Row{"p openat a4", "a4=+56(%di):x64 x"},  // r10
           Row{"p openat a6", "a6=+64(%di):x64 x"},
           Row{"p openat x=$arg2", "x=+104($arg1):x64 x"},
           Row{"p openat a2:ustring", "a2=+0(+104(%di)):ustring text"},
           Row{"p openat a2:string", "a2=+0(+104(%di)):string text"},  // as asked
           Row{"p openat x=+8(a2)", "x=+8(+104(%di)):x64 x"},
           // By name: memory that pointers go to is the caller's.
           Row{"p openat dfd", "dfd=+112(%di):s32 s (int)"},
           Row{"p openat filename", "filename=+0(+104(%di)):ustring text (char *)"},
           Row{"p openat mode", "mode=+56(%di):u16 u (umode_t)"},
           Row{"p openat2 how->mode", "mode=+u8(+96(%di)):u64 u (u64)"},
           Row{"p openat2 a3->mode", "mode=+u8(+96(%di)):u64 u (u64)"},
           Row{"p openat2 how", "how=+96(%di):x64 x (struct open_how *)"},
           Row{"p openat2 how:string{8}", "how=+0(+96(%di)):u8[8] text{8} (struct open_how *)"},
           // The wrapper's own words are what they are.
           Row{"p openat r14", "r14=%di:x64 x"},
           Row{"p __x64_sys_openat a1", "a1=%di:x64 x"},
       }) {
    EXPECT_EQ(argument_of(row.text, kernel), row.argument) << row.text;
  }
  EXPECT_EQ(
      arguments_of("p openat $args", kernel),
      "dfd=+112(%di):s32 filename=+0(+104(%di)):ustring flags=+96(%di):s32 mode=+56(%di):u16");
}

TEST(SyscallArguments, HaveTheirTypesWithoutBtfToo) {
  FakeKernel kernel = typed_kernel();
  kernel.type_view = nullptr;
  kernel.syscalls["strange"] = {{"who", "kernel_lwp_t"}, {"text", "const char __user *"}};
  struct Row {
    std::string_view text, argument;
  };
  for (const Row& row : {
           Row{"p openat dfd", "dfd=+112(%di):s32 s (int)"},
           Row{"p openat filename", "filename=+0(+104(%di)):ustring text (char *)"},
           Row{"p openat mode", "mode=+56(%di):u16 u (umode_t)"},
           Row{"p openat2 usize", "usize=+56(%di):u64 u (size_t)"},
           Row{"p openat2 how", "how=+96(%di):x64 x (struct open_how *)"},
           Row{"p strange who", "who=+112(%di):x64 x (kernel_lwp_t)"},
           Row{"p strange text", "text=+0(+104(%di)):ustring text (char *)"},
       }) {
    EXPECT_EQ(argument_of(row.text, kernel), row.argument) << row.text;
  }
  expect_refusal({"p openat2 how^->mode", ErrorCode::unsupported, "->mode",
                  "BTF does not say what that points to"},
                 kernel);
}

TEST(SyscallArguments, LieAtTheFarEndOfTheirWordOnBigEndianMachines) {
  arch::ArchAbi machine = *arch::find("x86_64");
  machine.byte_order = ByteOrder::big;
  FakeKernel kernel = typed_kernel();
  kernel.machine = &machine;
  struct Row {
    std::string_view text, argument;
  };
  for (const Row& row : {
           Row{"p openat a1", "a1=+112(%di):x64 x"},
           Row{"p openat a1:u8", "a1=+119(%di):u8 u"},
           Row{"p openat dfd", "dfd=+116(%di):s32 s (int)"},
           Row{"p openat mode", "mode=+62(%di):u16 u (umode_t)"},
           Row{"p openat filename", "filename=+0(+104(%di)):ustring text (char *)"},
       }) {
    EXPECT_EQ(argument_of(row.text, kernel), row.argument) << row.text;
  }
}

TEST(SyscallArguments, AreExplained) {
  const FakeKernel kernel = typed_kernel();
  struct Row {
    std::string_view text, meaning;
  };
  for (const Row& row : {
           Row{"p openat a4", "argument 4 of the call, from the caller's register r10"},
           Row{"p openat dfd", "parameter 1 'dfd' (int), from the caller's register di"},
           Row{"p openat filename",
               "text at parameter 2 'filename' (char *), from the caller's register si, in user "
               "memory"},
       }) {
    auto probe = resolve_text(row.text, kernel);
    ASSERT_TRUE(probe.ok()) << render(probe.error());
    EXPECT_EQ(probe->args[0].meaning, row.meaning) << row.text;
  }
}

TEST(SyscallArguments, AreKeptForTheReturnWhereTheKernelCan) {
  FakeKernel kernel = typed_kernel();
  expect_refusal({"r openat ^a1", ErrorCode::unsupported, "a1", "gone when the function returns"},
                 kernel);
  kernel.kernel_features.return_arguments = true;
  EXPECT_EQ(arguments_of("r openat rv a1 filename", kernel),
            "rv=$retval:x64 a1=+112($arg1):x64 filename=+0(+104($arg1)):ustring");
}

TEST(SyscallArguments, AreRefusedWithTheReason) {
  const FakeKernel kernel = typed_kernel();
  using enum ErrorCode;
  for (const Refusal& row : {
           Refusal{"p openat ^a7", bad_number, "a7", "a system call has no argument 7", "1 to 6"},
           Refusal{"p openat ^file", not_found, "file",
                   "'file' is no parameter of openat(dfd: int, filename: char *, flags: int"},
           Refusal{"p strange ^who", unsupported, "who", "system call 'strange' are not known",
                   "a1, a2"},
       }) {
    expect_refusal(row, kernel);
  }
}

}  // namespace
}  // namespace kprobed::resolve
