// SPDX-License-Identifier: Apache-2.0
#include "fake_kernel.h"
#include "resolve_test_support.h"

namespace kprobed::resolve {
namespace {

FakeKernel kernel_with_modules() {
  return FakeKernel(
      "ffffffff81000000 T _stext\n"
      "ffffffff81000100 T vfs_read\n"
      "ffffffff81000200 T vfs_write\n"
      "ffffffff81001000 T _etext\n"
      "ffffffff82000000 D jiffies\n"
      "ffffffffc0000000 t dummy_xmit [dummy]\n");
}

TEST(Arguments, BecomeFetchesTheKernelTakes) {
  const FakeKernel kernel = kernel_with_modules();
  struct Row {
    std::string_view text, args;
  };
  for (const Row& row : {
           // The words of 2009.
           Row{"p vfs_read a1 a2 a6", " a1=%di:x64 a2=%si:x64 a6=%r9:x64"},
           Row{"p vfs_read a7 a8", " a7=$stack1:x64 a8=$stack2:x64"},
           Row{"p vfs_read s0 s2048", " s0=$stack0:x64 s2048=$stack2048:x64"},
           Row{"p vfs_read r0 r14 r20", " r0=%r15:x64 r14=%di:x64 r20=%ss:x64"},
           Row{"p vfs_read m0xffffffff82000000", " m0xffffffff82000000=@0xffffffff82000000:x64"},
           Row{"r vfs_read rv rp", " rv=$retval:x64"},
           Row{"r vfs_read rp", ""},
           // The kernel's own.
           Row{"p vfs_read %di sp=$stack n=$stack3 $comm",
               " arg1=%di:x64 sp=$stack:x64 n=$stack3:x64 arg4=$comm:string"},
           Row{"p vfs_read x=$arg2:u32", " x=$arg2:u32"},
           Row{"p vfs_read j=@jiffies k=@jiffies-8 l=@0x10:u8",
               " j=@jiffies:x64 k=@jiffies-8:x64 l=@0x10:u8"},
           Row{"r vfs_read got=$retval:s64", " got=$retval:s64"},
           // Through memory.
           Row{"p vfs_read x=+8(a1):u16 y=-8(+0x10(%di)) z=+u0(a2):s8",
               " x=+8(%di):u16 y=-8(+16(%di)):x64 z=+u0(%si):s8"},
           // Text of a 2009 word is what it points to.
           Row{"p vfs_read a2:ustring s1:string r14:string",
               " a2=+0(%si):ustring s1=+0($stack1):string r14=+0(%di):string"},
           Row{"r vfs_read rv:string", " rv=+0($retval):string"},
           Row{"p vfs_read t=+8(a2):string", " t=+8(%si):string"},
           Row{"p vfs_read t=@jiffies:string m0x10:string",
               " t=@jiffies:string m0x10=@0x10:string"},
           Row{"p vfs_read c=$comm:string", " c=$comm:string"},
           // aN never needs the kernel's $argN, so it works where that does not.
           Row{"p 0xffffffff81000104 a1", " a1=%di:x64"},
           Row{"p veth:veth_xmit a1", " a1=%di:x64"},
           // The kernel refuses $argN in a module that is not loaded; the line stays the same when
           // it is, or what its init function calls would be lost.
           Row{"p veth:veth_xmit x=$arg1", " x=%di:x64"},
       }) {
    const std::string line = line_of(row.text, kernel);
    const std::size_t place = line.find("+", line.find(' '));
    const std::size_t args = std::min(line.find(' ', place), line.size());
    EXPECT_EQ(line.substr(args), row.args) << row.text << "\n" << line;
  }
}

TEST(Arguments, AreExplained) {
  const FakeKernel kernel = kernel_with_modules();
  struct Row {
    std::string_view text, meaning;
  };
  for (const Row& row : {
           Row{"p vfs_read a1", "argument 1, in register di"},
           Row{"p vfs_read a7", "argument 7, on the stack ($stack1)"},
           Row{"p vfs_read a2:ustring", "text at argument 2, in user memory"},
           Row{"p vfs_read a2:string", "text at argument 2"},
           Row{"p vfs_read +8(+16(a1))", "memory at [argument 1+16]+8"},
           Row{"p vfs_read +u8(a1)", "memory at argument 1+8, in user memory"},
           Row{"p vfs_read %cx", "register cx"},
           Row{"p vfs_read r10", "register ax"},
           Row{"p vfs_read s3", "word 3 of the stack"},
           Row{"p vfs_read $stack", "address of the stack"},
           Row{"p vfs_read $comm", "name of the task"},
           Row{"p vfs_read m0x10", "memory at 0x10"},
           Row{"p vfs_read @jiffies+8", "memory at jiffies+8"},
           Row{"p vfs_read @jiffies:string", "text in memory at jiffies"},
           Row{"p vfs_read $arg3", "argument 3"},
           Row{"r vfs_read rv", "return value, in register ax"},
           Row{"r vfs_read rp", "return address of the call"},
       }) {
    auto probe = resolve_text(row.text, kernel);
    ASSERT_TRUE(probe.ok()) << render(probe.error());
    ASSERT_EQ(probe->args.size(), 1u);
    EXPECT_EQ(probe->args[0].meaning, row.meaning) << row.text;
  }
}

TEST(Arguments, TheReturnAddressNeedsNoFetch) {
  auto probe = resolve_text("r vfs_read back=rp", kernel_with_modules());
  ASSERT_TRUE(probe.ok()) << render(probe.error());
  ASSERT_EQ(probe->args.size(), 1u);
  EXPECT_EQ(probe->args[0].name, "back");
  EXPECT_EQ(probe->args[0].source, ValueSource::return_address);
  EXPECT_EQ(probe->args[0].kernel_name, "__probe_ret_ip");
  EXPECT_EQ(probe->args[0].fetch, "");
}

TEST(Arguments, AreRefusedWithTheReason) {
  const FakeKernel kernel = kernel_with_modules();
  using enum ErrorCode;
  for (const Refusal& row : {
           Refusal{"p vfs_read x=^%rax", unknown_register, "%rax", "x86_64 has no register '%rax'",
                   "calls it %ax"},
           Refusal{"p vfs_read x=^%eax", unknown_register, "%eax", "", "calls it %ax"},
           Refusal{"p vfs_read x=^%rdi", unknown_register, "%rdi", "", "calls it %di"},
           Refusal{"p vfs_read x=^%AX", unknown_register, "%AX", "", "calls it %ax"},
           Refusal{"p vfs_read x=+8(^%eflags)", unknown_register, "%eflags", "", "calls it %flags"},
           Refusal{"p vfs_read x=^%nosuchreg", unknown_register, "%nosuchreg", "", "%r15 %r14"},
           Refusal{"p vfs_read ^r21", unknown_register, "r21", "no register r21", "r0 to r20"},
           Refusal{"p vfs_read ^s2049", bad_number, "s2049", "no word 2049", "0 to 2048"},
           Refusal{"p vfs_read x=^$stack2049", bad_number, "$stack2049", "no word 2049"},
           Refusal{"p vfs_read ^a4000", bad_number, "a4000", "no word"},
           Refusal{"p vfs_read x=^@jifies", symbol_not_found, "@jifies", "no symbol 'jifies'"},
           Refusal{"p vfs_read+4 x=^$arg1", wrong_place, "$arg1",
                   "only for function entries, and this is vfs_read+4", "a1 takes the register"},
           Refusal{"p 0xffffffff81000104 x=^$arg1", wrong_place, "$arg1", "vfs_read+4"},
           Refusal{"r vfs_read ^a1", unsupported, "a1", "gone when the function returns",
                   "'p vfs_read a1'"},
           Refusal{"r vfs_read x=^$arg2:u32", unsupported, "$arg2", "Linux 6.9 does"},
       }) {
    expect_refusal(row, kernel);
  }
}

TEST(Arguments, FollowTheKernelsFeatures) {
  struct Row {
    std::string_view feature;  ///< what is changed in a current kernel
    KernelFeatures features;
    std::string_view text, line;
  };
  const KernelFeatures none{.known = true};
  const KernelFeatures all{true, true, true, true, true, true};
  for (const Row& row : {
           Row{"no $argN", none, "p vfs_read x=$arg1", "p:g/e vfs_read+0 x=%di:x64"},
           Row{"no $argN", none, "p vfs_read+4 x=$arg1", "p:g/e vfs_read+4 x=%di:x64"},
           Row{"6.9", all, "r vfs_read a1 rv", "r:g/e vfs_read+0 a1=$arg1:x64 rv=$retval:x64"},
           Row{"6.9", all, "r vfs_read a2:ustring", "r:g/e vfs_read+0 a2=+0($arg2):ustring"},
           Row{"unknown", {}, "p vfs_read x=$arg1", "p:g/e vfs_read+0 x=$arg1:x64"},
           Row{"unknown", {}, "r vfs_read a1", "r:g/e vfs_read+0 a1=$arg1:x64"},
           Row{"unknown", {}, "p vfs_read a2:ustring", "p:g/e vfs_read+0 a2=+0(%si):ustring"},
       }) {
    FakeKernel kernel = kernel_with_modules();
    kernel.kernel_features = row.features;
    EXPECT_EQ(line_of(row.text, kernel), row.line) << row.feature << ": " << row.text;
  }
  FakeKernel kernel = kernel_with_modules();
  kernel.kernel_features = none;
  using enum ErrorCode;
  for (const Refusal& row : {
           Refusal{"p vfs_read a2:^ustring", unsupported, "ustring", "no 'ustring'"},
           Refusal{"p vfs_read x=^+u8(a2)", unsupported, "+u8", "no '+u'"},
       }) {
    expect_refusal(row, kernel);
  }
  kernel.kernel_features = all;
  expect_refusal({"r veth:veth_xmit ^a1", wrong_place, "a1", "module 'veth' to be loaded",
                  "'p veth:veth_xmit a1'"},
                 kernel);
}

TEST(Arguments, ThatGrowTooLongInTranslationAreRefused) {
  FakeKernel kernel = kernel_with_modules();
  // a7 is 5 bytes longer as $stack1, and ":x64" is added: 63 bytes, the most there can be.
  EXPECT_EQ(line_of("p vfs_read x=+1000(+1000(+1000(+1000(+100(+100(+100(+100(a7))))))))", kernel),
            "p:g/e vfs_read+0 "
            "x=+1000(+1000(+1000(+1000(+100(+100(+100(+100($stack1)))))))):x64");
  expect_refusal(
      {"p vfs_read ^x=+1000(+1000(+1000(+1000(+1000(+100(+100(+100(a7))))))))", ErrorCode::too_long,
       "x=+1000(+1000(+1000(+1000(+1000(+100(+100(+100(a7))))))))", "it takes 63"},
      kernel);

  std::string many = "p vfs_read";
  for (int i = 0; i < 128; ++i) many += " n" + std::to_string(i) + "=+100(+100(+100(a7)))";
  ASSERT_LT(many.size(), 4094u);
  expect_refusal({"^" + many, ErrorCode::too_long, many, "it takes 4,094", "two probes"}, kernel);
}

}  // namespace
}  // namespace kprobed::resolve
