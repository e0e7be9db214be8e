// SPDX-License-Identifier: Apache-2.0
//
// Arguments of probes in programs.
#include "typed_kernel.h"

namespace kprobed::resolve {
namespace {

FakeKernel kernel_with_programs() {
  FakeKernel kernel = typed_kernel();
  kernel.binaries[{"/bin/bash", "readline"}] = {
      .symbol = "readline", .offset = 0, .file_offset = 0x1000, .at_entry = true};
  kernel.binaries[{"/bin/old", "main"}] = {
      .symbol = "main", .offset = 0, .file_offset = 0x1000, .at_entry = true, .word_bytes = 4};
  return kernel;
}

TEST(ProgramArguments, AreWhereTheCallPassesThem) {
  const FakeKernel kernel = kernel_with_programs();
  struct Row {
    std::string_view text, argument;
  };
  for (const Row& row : {
           Row{"p /bin/bash:readline a1", "a1=%di:x64 x"},
           Row{"p /bin/bash:readline a7", "a7=$stack1:x64 x"},
           Row{"p /bin/bash:readline x=$arg4", "x=%cx:x64 x"},  // the kernel has no $argN there
           Row{"p /bin/bash:readline a1:string", "a1=+0(%di):string text"},
           Row{"p /bin/bash:readline a1:long", "a1=%di:s64 s"},
           // A place in the file, from the instruction at 0x1000 of it; at a return from its start.
           Row{"p /bin/bash:readline x=@+0x20:u8", "x=-4064(%ip):u8 u"},
           Row{"p /bin/bash:readline x=@+0x20:string", "x=-4064(%ip):string text"},
           Row{"p /bin/bash:readline x=+8(@+0x2000)", "x=+8(+4096(%ip)):x64 x"},
           Row{"p /bin/bash:readline+4 a2", "a2=%si:x64 x"},
           Row{"r /bin/bash:readline rv:string", "rv=+0($retval):string text"},
           Row{"p /bin/bash:readline $comm", "arg1=$comm:string text"},
           // 32-bit programs have C types of their own.
           Row{"p /bin/old:main %ax", "arg1=%ax:x32 x"},
           Row{"p /bin/old:main x=%ax:long", "x=%ax:s32 s"},
           Row{"p /bin/old:main x=+4($stack):ptr", "x=+4($stack):x32 x"},
       }) {
    EXPECT_EQ(argument_of(row.text, kernel), row.argument) << row.text;
  }
}

TEST(ProgramArguments, SayWhatAnUnreadableValueIs) {
  const FakeKernel kernel = kernel_with_programs();
  using enum decode::Unreadable;
  struct Row {
    std::string_view text;
    decode::Unreadable unreadable;
  };
  for (const Row& row : {
           Row{"p /bin/bash:readline a1", never},
           Row{"p /bin/bash:readline s1", zero},
           Row{"p /bin/bash:readline x=+0(a1):u32", zero},
           Row{"p /bin/bash:readline x=+0(+8(a1)):u32", stale},
           Row{"p /bin/bash:readline x=@+0x20:u8", zero},
           Row{"p /bin/bash:readline a1:string", null},
       }) {
    auto probe = resolve_text(row.text, kernel);
    ASSERT_TRUE(probe.ok()) << render(probe.error());
    EXPECT_EQ(probe->args[0].unreadable, row.unreadable) << row.text;
    EXPECT_TRUE(probe->padding.empty()) << row.text;
  }
}

TEST(ProgramArguments, AreRefusedWithTheReason) {
  const FakeKernel kernel = kernel_with_programs();
  using enum ErrorCode;
  for (const Refusal& row : {
           Refusal{"r /bin/bash:readline x=^@+0x20:u8", unsupported, "@+0x20", "only at an entry",
                   "at the entry"},
           Refusal{"p /bin/bash:readline x=^\\\"hi\"", unsupported, "\\\"hi\"", "constant text",
                   "name the probe"},
           Refusal{"p /bin/bash:readline ^prompt", unsupported, "prompt",
                   "does not read the debug information of programs", "write a1"},
           Refusal{"p /bin/bash:readline ^$args", unsupported, "$args", "debug information"},
           Refusal{"p /bin/bash:readline ^a1->x", unsupported, "a1", "debug information"},
           Refusal{"r /bin/bash:readline ^a1", unsupported, "a1", "gone when the function returns",
                   "'p /bin/bash:readline a1'"},
           Refusal{"p /bin/bash:readline+4 x=^$arg1", wrong_place, "$arg1",
                   "only for function entries", "a1 takes"},
           Refusal{"p /bin/old:main ^a1", unsupported, "a1", "32-bit program", "+4($stack):u32"},
           Refusal{"p /bin/bash:readline x=^%nosuch", unknown_register, "%nosuch", "no register"},
       }) {
    expect_refusal(row, kernel);
  }
}

}  // namespace
}  // namespace kprobed::resolve
