// SPDX-License-Identifier: Apache-2.0
#include "resolve/entry_sled.h"

#include "fake_kernel.h"
#include "resolve_test_support.h"

namespace kprobed::resolve {
namespace {

/// riscv64 as 6.12 is: with nothing but entries refused, or (6.14) with fprobes too.
FakeKernel riscv(bool fprobes) {
  FakeKernel kernel(
      "80000000 T _stext\n"
      "80000100 T vfs_read\n"
      "80000200 T vfs_write\n"
      "80001000 T _etext\n");
  kernel.machine = arch::find("riscv64");
  kernel.kernel_features.entries_refused = true;
  kernel.kernel_features.fprobes = fprobes;
  return kernel;
}

TEST(EntrySled, IsPassedByProbesAtEntries) {
  const FakeKernel kernel = riscv(false);
  struct Row {
    std::string_view text, line;
  };
  for (const Row& row : {
           Row{"p vfs_read a1", "p:g/e vfs_read+8 a1=%a0:x64"},
           Row{"p vfs_read $arg2",
               "p:g/e vfs_read+8 arg1=%a1:x64"},  // the kernel has it at +0 only
           Row{"p 0x80000100 a1", "p:g/e vfs_read+8 a1=%a0:x64"},
           Row{"p dummy:dummy_xmit a1", "p:g/e dummy:dummy_xmit+8 a1=%a0:x64"},
           Row{"p vfs_read+12 %a0", "p:g/e vfs_read+12 arg1=%a0:x64"},  // as it was written
       }) {
    EXPECT_EQ(line_of(row.text, kernel), row.line) << row.text;
  }
  EXPECT_EQ(points_of("p vfs_* a1", kernel), "vfs_read+8 vfs_write+8");
  EXPECT_EQ(line_of("p vfs_* $arg1", kernel), "p:g/e vfs_read+8 arg1=%a0:x64");
  FakeKernel absent = kernel;
  absent.untraceable.insert("dummy_xmit");  // so says a list that has loaded modules only
  EXPECT_EQ(points_of("p dummy:dummy_xmit", absent), "dummy:dummy_xmit+8");
  FakeKernel with_notrace = kernel;
  with_notrace.untraceable.insert("vfs_read");
  EXPECT_EQ(points_of("p vfs_read a1", with_notrace), "vfs_read+0");  // nothing to pass there
  auto probe = resolve_text("p vfs_read a1", kernel);
  ASSERT_TRUE(probe.ok());
  EXPECT_EQ(probe->offset, 0u);  // it is the entry that was asked for
  EXPECT_EQ(probe->entry_shift, 8u);
}

TEST(EntrySled, LeavesNoPlaceForReturnProbes) {
  expect_refusal({"^r vfs_read rv", ErrorCode::unsupported, "r",
                  "this kernel takes no return probes", "'p vfs_read' works here"},
                 riscv(false));
  EXPECT_EQ(line_of("r vfs_read rv", riscv(true)), "f:g/e vfs_read%return rv=$retval:x64");
  EXPECT_EQ(remarks_of("r vfs_read rv", riscv(true)), "fprobe");
  expect_refusal({"^r vfs_* rv", ErrorCode::unsupported, "r", "this kernel takes no return probes",
                  "'f SYMBOL%return rv'"},
                 riscv(true));
}

TEST(EntrySled, IsNobodysElsesBusiness) {
  FakeKernel kernel = riscv(false);
  kernel.kernel_features.entries_refused = false;
  EXPECT_EQ(line_of("p vfs_read a1", kernel), "p:g/e vfs_read+0 a1=%a0:x64");
  EXPECT_EQ(line_of("r vfs_read rv", kernel), "r:g/e vfs_read+0 rv=$retval:x64");
}

}  // namespace
}  // namespace kprobed::resolve
