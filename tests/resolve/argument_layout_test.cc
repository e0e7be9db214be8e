// SPDX-License-Identifier: Apache-2.0
//
// Arguments by number on machines of 32 bits, where one of 64 bits takes two words.
#include "resolve/argument_layout.h"

#include "fake_kernel.h"
#include "resolve_test_support.h"

namespace kprobed::resolve {
namespace {

FakeKernel kernel_of(std::string_view arch) {
  FakeKernel kernel(
      "80000000 T _stext\n"
      "80000100 T do_sys_ftruncate\n"
      "80000200 T vfs_llseek\n"
      "80001000 T _etext\n");
  kernel.machine = arch::find(arch);
  return kernel;
}

TEST(ArgumentLayout, FollowsTheTypesThatTheSpecGives) {
  struct Row {
    std::string_view arch, text, line;
  };
  for (const Row& row : {
           Row{"armhf", "p do_sys_ftruncate a1:u32 a2:s64 a3:int",
               "p:g/e do_sys_ftruncate+0 a1=%r0:u32 a2=%r2:u32 _h3=%r3:u32 a3=$stack0:s32"},
           Row{"i386", "p do_sys_ftruncate a1:u32 a2:s64 a3:int",
               "p:g/e do_sys_ftruncate+0 a1=%ax:u32 a2=%dx:u32 _h3=%cx:u32 a3=$stack1:s32"},
           Row{"armhf", "p do_sys_ftruncate a1 a2 a3 a4:s64",
               "p:g/e do_sys_ftruncate+0 a1=%r0:x32 a2=%r1:x32 a3=%r2:x32 a4=+0($stack):s64"},
           Row{"i386", "p do_sys_ftruncate a1 a2 a3:s64 a4:s64",
               "p:g/e do_sys_ftruncate+0 a1=%ax:x32 a2=%dx:x32 a3=+4($stack):s64 "
               "a4=+12($stack):s64"},
           // The type tells, in whatever order and under whatever name.
           Row{"armhf", "p do_sys_ftruncate a3:int len=a2:u64 a1:int",
               "p:g/e do_sys_ftruncate+0 a3=$stack0:s32 len=%r2:u32 _h3=%r3:u32 a1=%r0:s32"},
           // Of $argN the kernel counts words, so that it is not asked.
           Row{"i386", "p do_sys_ftruncate $arg2:s32 $arg1",
               "p:g/e do_sys_ftruncate+0 arg1=%dx:s32 arg2=%ax:x32"},
           Row{"i386", "p do_sys_ftruncate $arg1:int $arg2:s64 $arg3:int",
               "p:g/e do_sys_ftruncate+0 arg1=%ax:s32 arg2=%dx:u32 _h3=%cx:u32 arg3=$stack1:s32"},
           Row{"arm64", "p do_sys_ftruncate $arg8 $arg9",
               "p:g/e do_sys_ftruncate+0 arg1=$arg8:x64 arg2=$stack0:x64"},
           // With 64-bit words the number says it all.
           Row{"arm64", "p do_sys_ftruncate a2:s64 a3:int",
               "p:g/e do_sys_ftruncate+0 a2=%x1:s64 a3=%x2:s32"},
           // Results: in two registers if it is said that they have 64 bits.
           Row{"armhf", "r vfs_llseek rv:s64", "r:g/e vfs_llseek+0 rv=$retval:u32 _h2=%r1:u32"},
           Row{"i386", "r vfs_llseek rv:x64", "r:g/e vfs_llseek+0 rv=$retval:u32 _h2=%dx:u32"},
           Row{"i386", "r vfs_llseek rv rv2=rv:long",
               "r:g/e vfs_llseek+0 rv=$retval:x32 rv2=$retval:s32"},
           Row{"s390x", "r vfs_llseek rv:s64", "r:g/e vfs_llseek+0 rv=$retval:s64"},
           // $retval of these kernels negates some results.
           Row{"ppc64el", "r vfs_llseek rv:s64", "r:g/e vfs_llseek+0 rv=%r3:s64"},
           Row{"mips64el", "r vfs_llseek $retval:int", "r:g/e vfs_llseek+0 arg1=%r2:s32"},
           // A register has 32 bits: its sign is not lost on the way.
           Row{"i386", "p vfs_llseek %ax:s64", "p:g/e vfs_llseek+0 arg1=%ax:s32"},
       }) {
    EXPECT_EQ(line_of(row.text, kernel_of(row.arch)), row.line) << row.arch << ": " << row.text;
  }
}

TEST(ArgumentLayout, SaysWhatItHadToAssume) {
  struct Row {
    std::string_view arch, text, remarks;
  };
  for (const Row& row : {
           Row{"armhf", "p do_sys_ftruncate a1", ""},
           Row{"armhf", "p do_sys_ftruncate a2 a3", "one_word_each"},
           Row{"armhf", "p do_sys_ftruncate a1 a2", "one_word_each"},
           Row{"armhf", "p do_sys_ftruncate a1:int a2", ""},
           Row{"armhf", "r vfs_llseek rv:s64", "two_words"},
           Row{"armhf", "r vfs_llseek rv:long", ""},
           Row{"s390x", "p do_sys_ftruncate a3", ""},
       }) {
    EXPECT_EQ(remarks_of(row.text, kernel_of(row.arch)), row.remarks) << row.arch << row.text;
  }
}

TEST(ArgumentLayout, BitsAreThoseOfOneRegister) {
  const FakeKernel kernel = kernel_of("armhf");
  EXPECT_EQ(line_of("r vfs_llseek rv:b8@0/64", kernel), "r:g/e vfs_llseek+0 rv=$retval:b8@0/64");
  expect_refusal({"r vfs_llseek rv:^b8@32/64", ErrorCode::unsupported, "b8@32/64",
                  "in the second of two registers"},
                 kernel);
}

TEST(ArgumentLayout, TheKernelsOwnWordsReachOnlyTheRegisters) {
  FakeKernel kernel = kernel_of("arm64");
  kernel.kernel_features.return_arguments = true;
  EXPECT_EQ(line_of("r vfs_llseek a8", kernel), "r:g/e vfs_llseek+0 a8=$arg8:x64");
  expect_refusal({"r vfs_llseek ^a9", ErrorCode::unsupported, "a9", "is passed on the stack",
                  "'p vfs_llseek a9'"},
                 kernel);
}

TEST(ArgumentLayout, TwoFieldsAreNotCompared) {
  const FakeKernel kernel = kernel_of("armhf");
  expect_refusal({"p do_sys_ftruncate a1:int a2:s64 if ^a2 > 5", ErrorCode::wrong_place, "a2",
                  "its 64 bits are in two registers"},
                 kernel);
}

TEST(NamelessWords, AreCalledAsTheKernelsSourceDoes) {
  expect_refusal({"p vfs_llseek ^r2", ErrorCode::unknown_register, "r2",
                  "r2 (psw.addr) of s390x has no name in kprobe_events"},
                 kernel_of("s390x"));
  expect_refusal({"p vfs_llseek ^r34", ErrorCode::unknown_register, "r34",
                  "r34 (orig_gpr3) of ppc64el has no name"},
                 kernel_of("ppc64el"));
}

TEST(UserText, IsAskedForAsSuchWhereAddressSpacesOverlap) {
  FakeKernel kernel(
      "80000000 T _stext\n"
      "80000100 T __s390x_sys_openat\n"
      "80000200 T do_sys_openat2\n"
      "80001000 T _etext\n");
  kernel.machine = arch::find("s390x");
  kernel.syscalls["openat"] = {{"dfd", "int"}, {"filename", "const char *"}};
  struct Row {
    std::string_view text, line, remarks;
  };
  for (const Row& row : {
           Row{"p openat filename", "filename=+0(+48(%r2)):ustring", "syscall"},
           Row{"p openat a2:string", "a2=+0(+48(%r2)):ustring", "syscall"},
           Row{"p do_sys_openat2 a2:string", "a2=+0(%r3):string", "kernel_text"},
           Row{"p do_sys_openat2 a2:ustring", "a2=+0(%r3):ustring", ""},
       }) {
    const std::string line = line_of(row.text, kernel);
    EXPECT_EQ(line.substr(line.rfind(' ') + 1), row.line);
    EXPECT_EQ(remarks_of(row.text, kernel), row.remarks) << row.text;
  }
}

}  // namespace
}  // namespace kprobed::resolve
