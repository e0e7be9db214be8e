// SPDX-License-Identifier: Apache-2.0
//
// Parameters by their names, out of BTF.
#include "typed_kernel.h"

namespace kprobed::resolve {
namespace {

TEST(NamedArguments, AreReadAsTheirCTypesSay) {
  const FakeKernel kernel = typed_kernel();
  struct Row {
    std::string_view text, argument;
  };
  for (const Row& row : {
           Row{"p do_sys_openat2 dfd", "dfd=%di:s32 s (int)"},
           Row{"p do_sys_openat2 $dfd", "dfd=%di:s32 s (int)"},
           Row{"p do_sys_openat2 filename", "filename=+0(%si):string text (char *)"},
           Row{"p do_sys_openat2 how", "how=%dx:x64 x (struct open_how *)"},
           Row{"p get_file mode", "mode=%si:u16 u (umode_t)"},
           Row{"p get_file wait", "wait=%dx:u8 bool (bool)"},
           Row{"p get_file letter", "letter=%cx:char char (char)"},
           Row{"p get_file state", "state=%r8:s32 enum (enum state)"},
           Row{"p get_file done", "done=%r9:symbol symbol (void (*)(...))"},
           Row{"p get_file seventh", "seventh=$stack1:u64 u (u64)"},
           Row{"p get_file bytes", "bytes=$stack2:x64 x (u8 *)"},  // u8 is no letter
           Row{"p get_file address", "address=$stack3:u64 u (unsigned long)"},
           // As the user wants it.
           Row{"p do_sys_openat2 dfd:x64", "dfd=%di:x64 x (int)"},
           Row{"p do_sys_openat2 filename:ustring", "filename=+0(%si):ustring text (char *)"},
           Row{"p do_sys_openat2 filename:x64", "filename=%si:x64 x (char *)"},
           Row{"p do_sys_openat2 filename:string{20}", "filename=+0(%si):u8[20] text{20} (char *)"},
           Row{"p do_sys_openat2 filename:u8[4]", "filename=+0(%si):u8[4] u[4] (char *)"},
           Row{"p do_sys_openat2 how:string", "how=+0(%dx):string text (struct open_how *)"},
           Row{"p get_file address:string", "address=+0($stack3):string text (unsigned long)"},
           Row{"p do_sys_openat2 name=filename", "name=+0(%si):string text (char *)"},
           Row{"p do_sys_openat2 x=+8(how)", "x=+8(%dx):x64 x"},
           Row{"p do_sys_openat2 x=+8(how):u64", "x=+8(%dx):u64 u"},
           // In modules.
           Row{"p dummy_xmit queue", "queue=%si:s32 s (int)"},
           Row{"p dummy:dummy_xmit queue", "queue=%si:s32 s (int)"},
           // Structures by value take the registers that they need.
           Row{"p by_value before", "before=%di:u64 u (u64)"},
           Row{"p by_value pair:x64", "pair=%si:x64 x (struct pair)"},
           Row{"p by_value behind", "behind=%cx:s32 s (int)"},
           Row{"p by_value last", "last=%r8:s32 s (int)"},
           // fprobes know only the kernel's own word.
           Row{"f do_sys_openat2 filename", "filename=+0($arg2):string text (char *)"},
           Row{"f do_sys_openat2 a1", "a1=$arg1:x64 x"},
           Row{"f do_sys_openat2 x=$arg3", "x=$arg3:x64 x"},
           Row{"t sched_switch preempt", "preempt=$arg1:u8 bool (bool)"},
           Row{"t sched_switch prev->f_flags", "f_flags=+0($arg2):u32 u (u32)"},
           Row{"t old_event value", "value=$arg1:s32 s (int)"},
       }) {
    EXPECT_EQ(argument_of(row.text, kernel), row.argument) << row.text;
  }
}

TEST(NamedArguments, AreExplained) {
  const FakeKernel kernel = typed_kernel();
  struct Row {
    std::string_view text, meaning;
  };
  for (const Row& row : {
           Row{"p do_sys_openat2 dfd", "parameter 1 'dfd' (int), in register di"},
           Row{"p do_sys_openat2 filename",
               "text at parameter 2 'filename' (char *), in register si"},
           Row{"p do_sys_openat2 filename:ustring",
               "text at parameter 2 'filename' (char *), in register si, in user memory"},
           Row{"p do_sys_openat2 filename:string{20}",
               "text of at most 20 bytes at parameter 2 'filename' (char *), in register si"},
           Row{"p get_file seventh", "parameter 7 'seventh' (u64), on the stack ($stack1)"},
           Row{"p do_sys_openat2 x=+8(how)", "memory at parameter 3 'how' (struct open_how *)+8"},
           Row{"p do_sys_openat2 how->mode",
               "field 'how->mode' (u64) of parameter 3 'how' (struct open_how *), in register dx"},
           Row{"p do_sys_openat2 a3->mode",
               "field 'a3->mode' (u64) of argument 3 (struct open_how *), in register dx"},
           // A word of 2009 hides the parameter, which the other argument has made known.
           Row{"p shadow a1 plain",
               "argument 1, in register di; the parameter of that name is $a1"},
           Row{"p shadow m0 plain", "memory at 0x0; the parameter of that name is $m0"},
           Row{"p shadow $a1 plain", "parameter 1 'a1' (int), in register di"},
           Row{"p shadow a2 plain", "argument 2, in register si"},
       }) {
    auto probe = resolve_text(row.text, kernel);
    ASSERT_TRUE(probe.ok()) << render(probe.error());
    EXPECT_EQ(probe->args[0].meaning, row.meaning) << row.text;
  }
}

TEST(NamedArguments, AreAskedForOnlyWhereTheyAreUsed) {
  const FakeKernel kernel = typed_kernel();
  struct Row {
    std::string_view text;
    bool asks;
  };
  for (const Row& row : {Row{"p do_sys_openat2 a1 a2:string %di x=+8(a3) $comm", false},
                         Row{"r do_sys_openat2 rv rp", false}, Row{"p do_sys_openat2 dfd", true}}) {
    kernel.type_questions = 0;
    ASSERT_TRUE(resolve_text(row.text, kernel).ok()) << row.text;
    EXPECT_EQ(kernel.type_questions != 0, row.asks) << row.text;
  }
}

TEST(NamedArguments, OnReturnNeedAKernelThatKeepsThem) {
  FakeKernel kernel = typed_kernel();
  expect_refusal({"r do_sys_openat2 rv ^dfd", ErrorCode::unsupported, "dfd",
                  "this kernel does not keep them (Linux 6.9 does)", "'p do_sys_openat2 a1'"},
                 kernel);
  kernel.kernel_features.return_arguments = true;
  EXPECT_EQ(arguments_of("r do_sys_openat2 rv dfd filename how->flags", kernel),
            "rv=$retval:x64 dfd=$arg1:s32 filename=+0($arg2):string flags=+0($arg3):u64");
  EXPECT_EQ(arguments_of("f do_sys_openat2%return dfd", kernel), "dfd=$arg1:s32");
}

TEST(NamedArguments, AllOfThemAreArgs) {
  const FakeKernel kernel = typed_kernel();
  struct Row {
    std::string_view text, arguments, remarks;
  };
  for (const Row& row : {
           Row{"p do_sys_openat2 $args", "dfd=%di:s32 filename=+0(%si):string how=%dx:x64", ""},
           Row{"p do_sys_openat2 x=%ax $arg* y=%bx",
               "x=%ax:x64 dfd=%di:s32 filename=+0(%si):string how=%dx:x64 y=%bx:x64", ""},
           Row{"p nothing $args", "", "cut"},
           // What is no single value is left out, and said.
           Row{"p by_value $args", "before=%di:u64 behind=%cx:s32 last=%r8:s32", "cut cut cut"},
           Row{"p unnamed $args", "arg1=%di:s32 arg2=+0(%si):string", ""},
           Row{"p shadow $args", "a1=%di:s32 m0=%si:s32 rv=%dx:s32 plain=%cx:s32", ""},
           Row{"f do_sys_openat2 $args", "dfd=$arg1:s32 filename=+0($arg2):string how=$arg3:x64",
               ""},
           Row{"t sched_switch $args", "preempt=$arg1:u8 prev=$arg2:x64", ""},
       }) {
    EXPECT_EQ(arguments_of(row.text, kernel), row.arguments) << row.text;
    EXPECT_EQ(remarks_of(row.text, kernel), row.remarks) << row.text;
  }
}

TEST(NamedArguments, AreRefusedWithTheReason) {
  const FakeKernel kernel = typed_kernel();
  using enum ErrorCode;
  for (const Refusal& row : {
           Refusal{"p do_sys_openat2 ^dfdd", not_found, "dfdd",
                   "'dfdd' is no parameter of do_sys_openat2(dfd: int, filename: char *, how: "
                   "struct open_how *)",
                   "did you mean 'dfd'?"},
           Refusal{"p do_sys_openat2 ^file_name", not_found, "file_name", "", "'filename'"},
           Refusal{"p do_sys_openat2 ^$filname", not_found, "$filname", "", "'filename'"},
           Refusal{"r do_sys_openat2 ^$retvl", not_found, "$retvl", "", "'$retval'"},
           Refusal{"p do_sys_openat2 ^nonsense", not_found, "nonsense", "no parameter", ""},
           Refusal{"p nothing ^x", not_found, "x", "nothing()"},
           Refusal{"p do_sys_openat2+4 ^dfd", wrong_place, "dfd",
                   "only for function entries, and this is do_sys_openat2+4", "a1 takes"},
           Refusal{"p do_sys_openat2+4 ^$args", wrong_place, "$args", "function entries"},
           Refusal{"p assembly ^x", unsupported, "x",
                   "the parameters of 'assembly' are not known: BTF has no prototype of it",
                   "write a1, a2, ..."},
           Refusal{"p assembly ^$args", unsupported, "$args", "'assembly' are not known"},
           Refusal{"p get_file.isra.0 ^file", unsupported, "file", "may have moved", "a1, a2"},
           Refusal{"t secret ^x", unsupported, "x", "tracepoint 'secret'", "$arg1"},
           Refusal{"p by_value ^pair", wrong_place, "pair",
                   "struct pair is not one value but several", "its fields are first, second"},
           Refusal{"p by_value ^ratio", unsupported, "ratio", "floating point has registers"},
           // Two of one name.
           Refusal{"p do_sys_openat2 dfd ^$args", name_used, "$args", "called 'dfd'"},
       }) {
    expect_refusal(row, kernel);
  }
  FakeKernel without = typed_kernel();
  without.type_view = nullptr;
  expect_refusal({"p do_sys_openat2 ^dfd", unsupported, "dfd",
                  "the parameters of 'do_sys_openat2' are not known: this kernel has no BTF",
                  "write a1, a2, ..."},
                 without);
  expect_refusal({"p do_sys_openat2 ^a3->flags", unsupported, "a3", "this kernel has no BTF"},
                 without);
}

/// The same prototypes, under each machine's calling convention.
TEST(NamedArguments, AreWhereEachMachinePassesThem) {
  struct Row {
    std::string_view arch, text, arguments;
  };
  for (const Row& row : {
           // int by_value(u64 before, struct pair pair, int behind, struct wide wide, double, int
           // last)
           Row{"arm64", "p by_value before behind last",
               "before=%x0:u64 behind=%x3:s32 last=%x5:s32"},
           Row{"arm64", "p by_value wide.words[1]", "words_1=+8(%x4):u64"},  // by address
           Row{"s390x", "p by_value behind last", "behind=%r4:s32 last=%r6:s32"},
           Row{"s390x", "p by_value pair.second", "second=+8(%r3):u32"},
           Row{"riscv64", "p by_value behind last", "behind=%a3:s32 last=%a5:s32"},
           Row{"ppc64el", "p by_value behind last", "behind=%r6:s32 last=%r10:s32"},
           // int wide(int fd, u64 length, int small, u64 last)
           Row{"i386", "p wide fd length small last",
               "fd=%ax:s32 length=%dx:u32 small=$stack1:s32 last=+8($stack):u64"},
           Row{"armhf", "p wide fd length small last",
               "fd=%r0:s32 length=%r2:u32 small=$stack0:s32 last=+8($stack):u64"},
           // With "..." i386 passes nothing in registers.
           Row{"i386", "p print level a1:int", "level=$stack1:s32 a1=$stack1:s32"},
           Row{"armhf", "p print level", "level=%r0:s32"},
           // By number the same, since the prototype tells.
           Row{"armhf", "p wide a2 a3:int a4 low=a2:u32",
               "a2=%r2:u32 a3=$stack0:s32 a4=+8($stack):x64 low=%r2:u32"},
           // What is read of a wider number in memory are its low bytes.
           Row{"s390x", "p do_sys_openat2 how->flags:u8 how->mode",
               "flags=+7(%r4):u8 mode=+8(%r4):u64"},
           Row{"arm64", "p do_sys_openat2 how->flags:u8", "flags=+0(%x2):u8"},
       }) {
    FakeKernel kernel = typed_kernel();
    kernel.machine = arch::find(row.arch);
    ASSERT_NE(kernel.machine, nullptr);
    EXPECT_EQ(arguments_of(row.text, kernel), row.arguments) << row.arch << ": " << row.text;
  }
}

TEST(NamedArguments, HaveNamesThatTheKernelTakes) {
  const FakeTypes types(
      "int f(int common_pid, int this_name_is_longer_than_the_kernels_32, int arg1);");
  FakeKernel kernel("ffffffff81000000 T _stext\nffffffff81000100 T f\nffffffff81001000 T _etext\n");
  kernel.type_view = &types;
  auto probe = resolve_text("p f $args", kernel);
  ASSERT_TRUE(probe.ok()) << render(probe.error());
  ASSERT_EQ(probe->args.size(), 3u);
  EXPECT_EQ(probe->args[0].name, "common_pid");
  EXPECT_EQ(probe->args[0].kernel_name, "arg1_");  // "arg1" is the third's
  EXPECT_EQ(probe->args[1].name, "this_name_is_longer_than_the_kernels_32");
  EXPECT_EQ(probe->args[1].kernel_name, "arg2");
  EXPECT_EQ(probe->args[2].kernel_name, "arg1");
}

}  // namespace
}  // namespace kprobed::resolve
