// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "fake_tracefs.h"
#include "tracefs/kprobe_events.h"

namespace kprobed::tracefs {
namespace {

using Lines = std::vector<std::string>;

std::vector<std::string> removals(const std::vector<ListedProbe>& listing) {
  std::vector<std::string> lines;
  for (const ListedProbe& probe : listing) lines.push_back(probe.removal());
  return lines;
}

TEST(Listing, ReadsEveryLineShape) {
  struct Row {
    const char* text;
    ListedProbe probe;  // its text is the row's
    const char* removal;
  };
  // Written as in the comments on Linux 5.10, 6.1 and 6.12, and listed as in the rows. Each removal
  // was tried there, too (tests/vm/scripts/tracefs_removal.sh does it again).
  const Row rows[] = {
      // p:kprobed/e1 vfs_read+0
      {"p:kprobed/e1 vfs_read",
       {"", 'p', "kprobed", "e1", "vfs_read", ""},
       "-:kprobed/e1 vfs_read"},
      // p:kprobed/e3 vfs_write+0x0 a1=%di a2=+8(%si):u32
      {"p:kprobed/e3 vfs_write a1=%di a2=+8(%si):u32",
       {"", 'p', "kprobed", "e3", "vfs_write", "a1=%di a2=+8(%si):u32"},
       "-:kprobed/e3 vfs_write a1=%di a2=+8(%si):u32"},
      // r:kprobed/e4 vfs_read rv=$retval:s64
      {"r10:kprobed/e4 vfs_read rv=$retval:s64",
       {"", 'r', "kprobed", "e4", "vfs_read", "rv=$retval:s64"},
       "-:kprobed/e4 vfs_read rv=$retval:s64"},
      // r:kprobed/m3 nosuchmod:foo (not registered yet: no maxactive)
      {"r:kprobed/m3 nosuchmod:foo",
       {"", 'r', "kprobed", "m3", "nosuchmod:foo", ""},
       "-:kprobed/m3 nosuchmod:foo"},
      // p:kprobed/o0x4 vfs_read+0x4
      {"p:kprobed/o0x4 vfs_read+4",
       {"", 'p', "kprobed", "o0x4", "vfs_read+4", ""},
       "-:kprobed/o0x4 vfs_read+4"},
      // p:kprobed/e7 vfs_read %di %si:u32
      {"p:kprobed/e7 vfs_read arg1=%di arg2=%si:u32",
       {"", 'p', "kprobed", "e7", "vfs_read", "arg1=%di arg2=%si:u32"},
       "-:kprobed/e7 vfs_read arg1=%di arg2=%si:u32"},
      // p:kprobed/ad 0xffffffff89a3f690
      {"p:kprobed/ad 0x000000008f9b62fd",
       {"", 'p', "kprobed", "ad", "0x000000008f9b62fd", ""},
       "-:kprobed/ad 0x000000008f9b62fd"},
  };
  for (const Row& row : rows) {
    ListedProbe want = row.probe;
    want.text = row.text;
    EXPECT_EQ(parse_listing(std::string(row.text) + "\n"), std::vector{want}) << row.text;
    EXPECT_EQ(want.removal(), row.removal);
    EXPECT_EQ(want.removals(), Lines{row.removal});
  }
}

TEST(Listing, LeavesOutWhatIsNoKprobe) {
  const char* const rows[] = {
      "",
      "# comment",
      "    #1 FETCH_OP_REG",
      "p",
      "p:kprobed/e1",
      "p:e1 vfs_read",
      "p:/e1 vfs_read",
      "p:kprobed/ vfs_read",
      "px:kprobed/e1 vfs_read",
      "f:kprobed/e1 vfs_read",
      "e:kprobed/e1 syscalls.sys_enter_openat",
      "s:synthetic/e1 u64 a",
      "-:kprobed/e1 vfs_read",
  };
  for (const char* text : rows) EXPECT_TRUE(parse_listing(text).empty()) << text;
}

TEST(Listing, ReadsCapturedFiles) {
  for (const char* kernel : {"5.10", "6.1", "6.12"}) {
    const std::string text = test_data(std::string(kernel) + "/kprobe_events");
    const auto listing = parse_listing(text);
    std::string again;
    for (const ListedProbe& probe : listing) again += probe.text + "\n";
    EXPECT_EQ(again, text) << kernel;
    const auto lines = removals(listing);
    EXPECT_EQ(std::count(lines.begin(), lines.end(), "-:fix/multi vfs_write count=$arg3:u64"), 1)
        << kernel;
  }
}

TEST(Removal, KnowsThatKernelsCompareOnly63Bytes) {
  const std::string symbol = "nosuchmod:" + std::string(70, 'a');        // 80 bytes
  const std::string expression = "+0(+0(+0(+0(+0(+0(+0(+0(%di))))))))";  // 35 bytes
  const std::string argument = std::string(31, 'n') + "=" + expression;  // 67 bytes
  const std::string cut_symbol = "nosuchmod:" + std::string(53, 'a');    // 63 bytes
  const std::string cut_argument = std::string(31, 'n') + "=" + expression.substr(0, 31);
  struct Row {
    std::string line;
    Lines removals;
  };
  const Row rows[] = {
      {"p:g/e " + symbol.substr(0, 63) + " a=%di", {"-:g/e " + symbol.substr(0, 63) + " a=%di"}},
      {"p:g/e " + symbol + "+4", {"-:g/e " + symbol + "+4", "-:g/e " + cut_symbol}},
      {"p:g/e f " + argument + " b=%si",
       {"-:g/e f " + argument + " b=%si", "-:g/e f " + cut_argument + " b=%si"}},
      {"p:g/e " + symbol + " " + argument,
       {"-:g/e " + symbol + " " + argument, "-:g/e " + cut_symbol + " " + argument,
        "-:g/e " + cut_symbol + " " + cut_argument, "-:g/e " + symbol + " " + cut_argument}},
  };
  for (const Row& row : rows) {
    const auto listing = parse_listing(row.line);
    ASSERT_EQ(listing.size(), 1u) << row.line;
    EXPECT_EQ(listing[0].removals(), row.removals);
  }
}

}  // namespace
}  // namespace kprobed::tracefs
