// SPDX-License-Identifier: Apache-2.0
//
// Types as the user writes them.
#include "typed_kernel.h"

namespace kprobed::resolve {
namespace {

TEST(ArgumentTypes, BecomeWhatTheKernelFetchesAndHowItIsShown) {
  const FakeKernel kernel = typed_kernel();
  struct Row {
    std::string_view text, argument;
    std::size_t fixed = 8, text_bytes = 0;
  };
  for (const Row& row : {
           Row{"p assembly a1", "a1=%di:x64 x", 8},
           Row{"p assembly a1:u8", "a1=%di:u8 u", 1},
           Row{"p assembly a1:s16", "a1=%di:s16 s", 2},
           Row{"p assembly a1:x32", "a1=%di:x32 x", 4},
           // C's.
           Row{"p assembly a1:int", "a1=%di:s32 s", 4},
           Row{"p assembly a1:uint", "a1=%di:u32 u", 4},
           Row{"p assembly a1:short", "a1=%di:s16 s", 2},
           Row{"p assembly a1:ushort", "a1=%di:u16 u", 2},
           Row{"p assembly a1:long", "a1=%di:s64 s", 8},
           Row{"p assembly a1:ulong", "a1=%di:u64 u", 8},
           Row{"p assembly a1:bool", "a1=%di:u8 bool", 1},
           Row{"p assembly a1:ptr", "a1=%di:x64 x", 8},
           Row{"p assembly a1:char", "a1=%di:char char", 1},
           // The kernel's.
           Row{"p assembly a1:symbol", "a1=%di:symbol symbol", 8},
           Row{"p assembly a1:symstr", "a1=%di:symstr text", 4, 668},
           Row{"p assembly a1:b3@2/32", "a1=%di:b3@2/32 u", 4},
           Row{"p assembly x=+0(a1):b1@0/8[4]", "x=+0(%di):b1@0/8[4] u[4]", 4},
           Row{"p assembly x=+0(a1):u16[3]", "x=+0(%di):u16[3] u[3]", 6},
           Row{"p assembly x=+0(a1):x64[64]", "x=+0(%di):x64[64] x[64]", 512},
           Row{"p assembly x=+0(a1):symbol[2]", "x=+0(%di):symbol[2] symbol[2]", 16},
           // Text.
           Row{"p assembly a2:string", "a2=+0(%si):string text", 4, 4096},
           Row{"p assembly x=+0(a2):string[3]", "x=+0(%si):string[3] text[3]", 12, 3 * 4096},
           Row{"p assembly x=+0(a2):ustring[2]", "x=+0(%si):ustring[2] text[2]", 8, 2 * 4096},
           Row{"p assembly x=+0(a2):char[16]", "x=+0(%si):char[16] text{16}", 16},
           Row{"p assembly a2:string{16}", "a2=+0(%si):u8[16] text{16}", 16},
           Row{"p assembly a2:string{64}", "a2=+0(%si):u8[64] text{64}", 64},
           Row{"p assembly a2:ustring{65}", "a2=+0(%si):u64[9] text{65}", 72},
           Row{"p assembly a2:string{512}", "a2=+0(%si):u64[64] text{512}", 512},
           Row{"p assembly $comm", "arg1=$comm:string text", 4, 16},
           // Numbers and text that are written down.
           Row{"p assembly x=\\5", "x=\\5:x64 x", 8},
           Row{"p assembly x=\\-5:s8", "x=\\-5:s8 s", 1},
           Row{"p assembly x=\\\"abc\"", "x=\\\"abc\":string text", 4, 4},
           Row{"p assembly x=+0(\\0x1000):u32", "x=+0(\\4096):u32 u", 4},
       }) {
    EXPECT_EQ(argument_of(row.text, kernel), row.argument) << row.text;
    auto probe = resolve_text(row.text, kernel);
    ASSERT_TRUE(probe.ok());
    EXPECT_EQ(probe->args[0].fixed_bytes, row.fixed) << row.text;
    EXPECT_EQ(probe->args[0].text_bytes, row.text_bytes) << row.text;
  }
}

TEST(ArgumentTypes, FollowTheKernelsFeatures) {
  FakeKernel kernel = typed_kernel();
  kernel.kernel_features.char_type = kernel.kernel_features.symstr_type = false;
  struct Row {
    std::string_view text, argument;
  };
  for (const Row& row : {
           Row{"p assembly a1:char", "a1=%di:u8 char"},
           Row{"p assembly x=+0(a1):char[4]", "x=+0(%di):u8[4] text{4}"},
           Row{"p assembly a1:symstr", "a1=%di:symbol symbol"},
       }) {
    EXPECT_EQ(argument_of(row.text, kernel), row.argument) << row.text;
  }
}

TEST(ArgumentTypes, NameDentriesByTheOffsetsOfBtf) {
  const FakeKernel kernel = typed_kernel();
  struct Row {
    std::string_view text, argument, meaning;
  };
  for (const Row& row : {
           Row{"p assembly a1:%pd", "a1=+0(+24(%di)):string text",
               "name of the struct dentry at argument 1, in register di"},
           Row{"p assembly a1:%pD", "a1=+0(+24(+16(%di))):string text",
               "name of the struct file at argument 1, in register di"},
           Row{"p get_file file:%pD", "file=+0(+24(+16(%di))):string text (struct file *)",
               "name of the struct file at parameter 1 'file' (struct file *), in register di"},
           Row{"p get_file file->f_path.dentry:%pd",
               "dentry=+0(+24(+16(%di))):string text (struct dentry *)",
               "name of the struct dentry at field 'file->f_path.dentry' (struct dentry *) of "
               "parameter 1 'file' (struct file *), in register di"},
           Row{"p assembly x=+8(a1):%pd", "x=+0(+24(+8(%di))):string text",
               "name of the struct dentry at memory at argument 1+8"},
       }) {
    EXPECT_EQ(argument_of(row.text, kernel), row.argument) << row.text;
    auto probe = resolve_text(row.text, kernel);
    ASSERT_TRUE(probe.ok());
    EXPECT_EQ(probe->args[0].meaning, row.meaning) << row.text;
  }
  FakeKernel without = typed_kernel();
  without.type_view = nullptr;
  expect_refusal({"p assembly a1:^%pd", ErrorCode::unsupported, "%pd", "this kernel has no BTF"},
                 without);
  const FakeTypes other("struct dentry { int nothing; };");
  without.type_view = &other;
  expect_refusal({"p assembly a1:^%pD", ErrorCode::unsupported, "%pD", "does not say it"}, without);
}

TEST(ArgumentTypes, SayWhatAnUnreadableValueIs) {
  FakeKernel kernel = typed_kernel();
  using enum decode::Unreadable;
  struct Row {
    std::string_view text;
    decode::Unreadable unreadable;
  };
  for (const Row& row : {
           Row{"p assembly a1", never},
           Row{"p assembly s1", never},
           Row{"p assembly $comm", never},
           Row{"p assembly x=\\\"abc\"", never},
           Row{"p assembly x=\\1", never},
           Row{"p assembly a1:symstr", never},
           Row{"r assembly rv rp", never},
           Row{"p assembly a1:string", null},
           Row{"p assembly x=+0(a1):symstr", null},
           Row{"p assembly x=+0(a1):string[2]", null},
           Row{"p assembly x=@jiffies:string", null},
           // Entry probes have the record zeroed first.
           Row{"p assembly x=+0(a1):u64", zero},
           Row{"p assembly x=@jiffies:u64", zero},
           Row{"p assembly a1:string{8}", zero},
           Row{"p get_file file->f_flags", zero},
           // kretprobe_perf_func and fprobes do not.
           Row{"r assembly x=+0(rv):u64", stale},
           Row{"f assembly x=+0($arg1):u64", stale},
       }) {
    auto probe = resolve_text(row.text, kernel);
    ASSERT_TRUE(probe.ok()) << render(probe.error());
    EXPECT_EQ(probe->args[0].unreadable, row.unreadable) << row.text;
  }
}

TEST(ArgumentTypes, TakeGlobalVariablesFromBtf) {
  const FakeKernel kernel = typed_kernel();
  struct Row {
    std::string_view text, argument;
  };
  for (const Row& row : {
           Row{"p assembly x=@jiffies", "x=@jiffies:u64 u (unsigned long)"},
           Row{"p assembly x=@jiffies:u32", "x=@jiffies:u32 u"},
           Row{"p assembly x=@jiffies+8", "x=@jiffies+8:x64 x"},
           Row{"p assembly x=+8(@jiffies)", "x=+8(@jiffies):x64 x"},
           Row{"p assembly x=@linux_banner", "x=@linux_banner:string text (char[])"},
           Row{"p assembly x=@command_line", "x=+0(@command_line):string text (char *)"},
           Row{"p assembly x=@root", "x=@root:x64 x"},  // several values: the first word
       }) {
    EXPECT_EQ(argument_of(row.text, kernel), row.argument) << row.text;
  }
  FakeKernel without = typed_kernel();
  without.type_view = nullptr;
  EXPECT_EQ(argument_of("p assembly x=@jiffies", without), "x=@jiffies:x64 x");
  expect_refusal({"p assembly x=^@runs:u32", ErrorCode::unsupported, "@runs",
                  "'runs' is a per-CPU variable", "pointer"},
                 without);
}

TEST(ArgumentTypes, AreRefusedWhereTheKernelCannotReadThem) {
  FakeKernel kernel = typed_kernel();
  using enum ErrorCode;
  for (const Refusal& row : {
           Refusal{"f assembly x=^%di", wrong_place, "%di", "do not see registers", "$arg1"},
           Refusal{"f assembly ^r3", wrong_place, "r3", "do not see registers"},
           // The kernel's loop over an array is for its own memory (BAD_STRING).
           Refusal{"p do_sys_openat2 x=^+u0(how):u8[4]", wrong_place, "+u0",
                   "no arrays through '+u'", "without the u"},
       }) {
    expect_refusal(row, kernel);
  }
}

TEST(ArgumentTypes, KnowMachinesWhereUserMemoryMustBeAskedFor) {
  FakeKernel kernel = typed_kernel();
  kernel.machine = arch::find("s390x");
  ASSERT_NE(kernel.machine, nullptr);
  EXPECT_EQ(argument_of("p assembly a1:ustring", kernel), "a1=+0(%r2):ustring text");
  EXPECT_EQ(argument_of("p assembly a1:string{8}", kernel), "a1=+0(%r2):u8[8] text{8}");
  expect_refusal({"p assembly a1:^ustring{8}", ErrorCode::unsupported, "ustring{8}",
                  "on this machine user memory is not read without", "write :ustring"},
                 kernel);
}

TEST(ArgumentTypes, AreAsWideAsTheMachine) {
  FakeKernel kernel = typed_kernel();
  kernel.machine = arch::find("i386");
  ASSERT_NE(kernel.machine, nullptr);
  struct Row {
    std::string_view text, argument;
  };
  for (const Row& row : {
           Row{"p assembly a1", "a1=%ax:x32 x"},
           Row{"p assembly a1:long", "a1=%ax:s32 s"},
           Row{"p assembly a1:ulong", "a1=%ax:u32 u"},
           Row{"p assembly a1:ptr", "a1=%ax:x32 x"},
       }) {
    EXPECT_EQ(argument_of(row.text, kernel), row.argument) << row.text;
  }
}

TEST(ArgumentTypes, CountTheKernelsFetchInstructions) {
  const FakeKernel kernel = typed_kernel();
  // 14 dereferences of a register are all that FETCH_INSN_MAX allows; masking the bits takes one
  // of them, looping over an array another.
  const auto nested = [](int depth, std::string_view word, std::string_view type) {
    std::string text = "p assembly x=";
    for (int i = 0; i < depth; ++i) text += "+0(";
    text += word;
    text.append(static_cast<std::size_t>(depth), ')');
    return text + std::string(type);
  };
  struct Row {
    int most;
    std::string_view word, type;
  };
  for (const Row& row : {Row{13, "r14", ":b1@0/8"}, Row{13, "r14", ":u8[2]"},
                         Row{12, "r14", ":b1@0/8[2]"}, Row{12, "r14", ":string[2]"}}) {
    const std::string fits = nested(row.most, row.word, row.type);
    EXPECT_TRUE(resolve_text(fits, kernel).ok()) << fits;
    auto refused = resolve_text(nested(row.most + 1, row.word, row.type), kernel);
    ASSERT_FALSE(refused.ok()) << fits;
    EXPECT_EQ(word(refused.error().code), word(ErrorCode::too_long));
    EXPECT_NE(refused.error().message.find("more pointers than it can"), std::string::npos)
        << render(refused.error());
  }
}

}  // namespace
}  // namespace kprobed::resolve
