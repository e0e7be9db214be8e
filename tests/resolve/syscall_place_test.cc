// SPDX-License-Identifier: Apache-2.0
#include "resolve/syscall_place.h"

#include "fake_kernel.h"
#include "resolve/place.h"
#include "resolve_test_support.h"

namespace kprobed::resolve {
namespace {

FakeKernel with_calls() {
  return FakeKernel(
      "ffffffff81000000 T _stext\n"
      "ffffffff81000100 T __x64_sys_openat\n"
      "ffffffff81000200 T __ia32_compat_sys_openat\n"
      "ffffffff81000280 T __ia32_sys_openat\n"
      "ffffffff81000300 T __x64_sys_close\n"
      "ffffffff81000380 T __ia32_sys_close\n"
      "ffffffff81000400 T __x64_sys_sync\n"
      "ffffffff81000500 T sync\n"
      "ffffffff81000600 T __x64_sys_getpid\n"
      "ffffffff81001000 T _etext\n"
      "ffffffff82000000 d getpid\n");
}

TEST(SyscallNames, BecomeTheWrapperOfThisMachine) {
  const FakeKernel kernel = with_calls();
  struct Row {
    std::string_view text, points, remarks, syscall;
  };
  for (const Row& row : {
           Row{"p openat", "__x64_sys_openat+0", "syscall", "openat"},
           Row{"p sys_openat", "__x64_sys_openat+0", "syscall", "openat"},
           Row{"p SyS_openat", "__x64_sys_openat+0", "syscall", "openat"},
           Row{"p __se_sys_openat", "__x64_sys_openat+0", "syscall", "openat"},
           Row{"r openat rv", "__x64_sys_openat+0", "syscall", "openat"},
           Row{"p getpid", "__x64_sys_getpid+0", "syscall", "getpid"},  // data is not meant
           // As it was written.
           Row{"p __x64_sys_openat", "__x64_sys_openat+0", "", ""},
           Row{"p sync", "sync+0", "", ""},
           Row{"p sys_sync", "__x64_sys_sync+0", "syscall", "sync"},
       }) {
    EXPECT_EQ(points_of(row.text, kernel), row.points) << row.text;
    EXPECT_EQ(remarks_of(row.text, kernel), row.remarks) << row.text;
    auto place = find_place(spec_of(row.text), kernel);
    ASSERT_TRUE(place.ok()) << render(place.error());
    EXPECT_EQ(place->syscall, row.syscall) << row.text;
  }
  expect_refusal({"p ^opennat", ErrorCode::symbol_not_found, "opennat", "no symbol 'opennat'"},
                 kernel);
  expect_refusal({"p ^sys_", ErrorCode::symbol_not_found, "sys_", "no symbol 'sys_'"}, kernel);
}

TEST(SyscallNames, SayWhereOtherCallersGo) {
  const FakeKernel kernel = with_calls();
  struct Row {
    std::string_view text, message, hint;
  };
  for (const Row& row : {
           Row{"p openat",
               "the system call 'openat' is probed at '__x64_sys_openat', its arguments taken from "
               "the caller's registers",
               "calls of 32-bit programs go to '__ia32_compat_sys_openat'"},
           Row{"p close", "'__x64_sys_close'", "calls of 32-bit programs go to '__ia32_sys_close'"},
           Row{"p getpid", "'__x64_sys_getpid'", ""},
       }) {
    auto probe = resolve_text(row.text, kernel);
    ASSERT_TRUE(probe.ok()) << render(probe.error());
    ASSERT_EQ(probe->remarks.size(), 1u);
    EXPECT_NE(probe->remarks[0].message.find(row.message), std::string::npos)
        << probe->remarks[0].message;
    EXPECT_EQ(probe->remarks[0].hint, row.hint);
  }
}

/// The place of a spec as "symbol call wrapped remarks".
std::string syscall_of(std::string_view text, const FakeKernel& kernel) {
  auto place = find_place(spec_of(text), kernel);
  if (!place.ok()) return render(place.error());
  return place->symbol + " " + (place->syscall.empty() ? "-" : place->syscall) +
         (place->wrapped ? " wrapped" : " plain") + (place->remarks.empty() ? "" : " remark");
}

TEST(SyscallNames, AreFunctionsOfTheirOwnWhereThereAreNoWrappers) {
  // As kallsyms of Debian's 6.1 on armhf has it: two names of one function.
  FakeKernel kernel(
      "80000000 T _stext\n"
      "80000100 T sys_openat\n"
      "80000100 T __se_sys_openat\n"
      "80000200 T sys_copyarea\n"
      "80001000 T _etext\n");
  kernel.machine = arch::find("armhf");
  EXPECT_EQ(points_of("p openat a1", kernel), "sys_openat+0");
  EXPECT_EQ(syscall_of("p openat", kernel), "sys_openat openat plain remark");
  EXPECT_EQ(syscall_of("p sys_openat", kernel), "sys_openat openat plain");
  EXPECT_EQ(syscall_of("p sys_copyarea", kernel), "sys_copyarea - plain");  // of the frame buffer
}

TEST(SyscallNames, MayBeThoseOfWrappers) {
  // powerpc since 6.1: sys_dup3 is given the caller's registers. Before, it is the call itself.
  FakeKernel kernel(
      "c000000000000000 T _stext\n"
      "c000000000000080 T sys_read\n"
      "c000000000000100 T sys_dup3\n"
      "c000000000000200 T sys_copyarea\n"
      "c000000000001000 T _etext\n");
  kernel.machine = arch::find("ppc64el");
  kernel.syscalls["dup3"] = {
      {"oldfd", "unsigned int"}, {"newfd", "unsigned int"}, {"flags", "int"}};
  EXPECT_EQ(syscall_of("p dup3", kernel), "sys_dup3 dup3 wrapped remark");
  EXPECT_EQ(syscall_of("p sys_dup3", kernel), "sys_dup3 dup3 wrapped");
  EXPECT_EQ(syscall_of("p sys_copyarea", kernel), "sys_copyarea - plain");
  EXPECT_EQ(line_of("p dup3 a1:int flags", kernel),
            "p:g/e sys_dup3+0 a1=+24(%r3):s32 flags=+40(%r3):s32");
  // Without syscall tracepoints the call is still one, under the name people know.
  FakeKernel without = kernel;
  without.syscalls.clear();
  EXPECT_EQ(syscall_of("p dup3", without), "sys_dup3 dup3 wrapped remark");
  kernel.symbols.push_back({"__se_sys_read", "", 0xc000000000000080, 'T'});
  EXPECT_EQ(syscall_of("p dup3", kernel), "sys_dup3 dup3 plain remark");
  EXPECT_EQ(line_of("p dup3 a1:int flags", kernel), "p:g/e sys_dup3+0 a1=%r3:s32 flags=%r5:s32");
}

}  // namespace
}  // namespace kprobed::resolve
