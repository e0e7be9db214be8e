// SPDX-License-Identifier: Apache-2.0
#include "tracefs/listing.h"

#include <gtest/gtest.h>

#include "fake_tracefs.h"

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

TEST(Listing, ReadsTheOtherFiles) {
  struct Row {
    EventsFile file;
    const char* text;
    ListedProbe probe;  // its text and file are the row's
    const char* removal;
  };
  const Row rows[] = {
      // Linux 6.18 (the test host; uprobes_native_test.cc removes such lines): written as
      // p:kpf_x/a /usr/bin/true:0x2000 a=%di:u64
      {EventsFile::uprobe,
       "p:kpf_x/a /usr/bin/true:0x0000000000002000 a=%di:u64",
       {"", 'p', "kpf_x", "a", "/usr/bin/true:0x0000000000002000", "a=%di:u64"},
       "-:kpf_x/a /usr/bin/true:0x0000000000002000 a=%di:u64"},
      // p:kpf_x/c /usr/bin/true:0x2000%return rv=$retval
      {EventsFile::uprobe,
       "r:kpf_x/c /usr/bin/true:0x0000000000002000 rv=$retval",
       {"", 'r', "kpf_x", "c", "/usr/bin/true:0x0000000000002000", "rv=$retval"},
       "-:kpf_x/c /usr/bin/true:0x0000000000002000 rv=$retval"},
      // p:kpf_x/d /usr/bin/true:0x2020(0x10)
      {EventsFile::uprobe,
       "p:kpf_x/d /usr/bin/true:0x0000000000002020(0x10)",
       {"", 'p', "kpf_x", "d", "/usr/bin/true:0x0000000000002020(0x10)", ""},
       "-:kpf_x/d /usr/bin/true:0x0000000000002020(0x10)"},
      // As trace_fprobe_show() in kernel/trace/trace_fprobe.c writes them.
      {EventsFile::dynamic,
       "f:kprobed/e1 vfs_read count=count:u64",
       {"", 'f', "kprobed", "e1", "vfs_read", "count=count:u64"},
       "-:kprobed/e1 vfs_read count=count:u64"},
      {EventsFile::dynamic,
       "f10:kprobed/e2 vfs_read%return arg1=$retval",
       {"", 'f', "kprobed", "e2", "vfs_read%return", "arg1=$retval"},
       "-:kprobed/e2 vfs_read arg1=$retval"},
      {EventsFile::dynamic,
       "t:kprobed/e3 sched_switch prev=prev",
       {"", 't', "kprobed", "e3", "sched_switch", "prev=prev"},
       "-:kprobed/e3 sched_switch prev=prev"},
  };
  for (const Row& row : rows) {
    ListedProbe want = row.probe;
    want.text = row.text;
    want.file = row.file;
    EXPECT_EQ(parse_listing(row.text, row.file), std::vector{want}) << row.text;
    EXPECT_EQ(want.removal(), row.removal);
    EXPECT_EQ(want.removals(), Lines{row.removal});
  }
}

TEST(Listing, TakesOfEachFileWhatOnlyThatOneHas) {
  // dynamic_events lists the kprobes and uprobes of the others as well, in order of definition.
  constexpr const char* kText =
      "p:g/k vfs_read\n"
      "p:g/u /bin/true:0x0000000000002000\n"
      "f:g/f vfs_read\n"
      "e:g/e syscalls.sys_enter_openat\n"
      "    # FETCH_OP_REG\n"
      "t:g/t sched_switch\n"
      "s:synthetic/s u64 a\n";
  FakeTracefs fake;
  fake.write("dynamic_events", kText);
  fake.write("kprobe_events", "p:g/k vfs_read\n");
  fake.write("uprobe_events", "p:g/u /bin/true:0x0000000000002000\n");
  const auto all = list(fake.tracefs());
  ASSERT_TRUE(all.ok()) << describe(all.error());
  std::vector<std::pair<std::string, EventsFile>> got;
  for (const ListedProbe& probe : *all) got.emplace_back(probe.event, probe.file);
  EXPECT_EQ(got, (std::vector<std::pair<std::string, EventsFile>>{{"k", EventsFile::kprobe},
                                                                  {"u", EventsFile::uprobe},
                                                                  {"f", EventsFile::dynamic},
                                                                  {"t", EventsFile::dynamic}}));
}

TEST(Listing, PassesOverAFileThatTheKernelHasNot) {
  FakeTracefs fake;
  const auto none = list(fake.tracefs());
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().sys_errno, ENOENT);
  EXPECT_NE(describe(none.error()).find("kprobe_events"), std::string::npos);
  for (const EventsFile file : {EventsFile::dynamic, EventsFile::uprobe, EventsFile::kprobe}) {
    fake.write(file_name(file), "");
    EXPECT_TRUE(list(fake.tracefs()).ok()) << file_name(file);
  }
  std::filesystem::remove(fake.path("dynamic_events"));
  std::filesystem::create_directory(fake.path("dynamic_events"));
  EXPECT_FALSE(list(fake.tracefs()).ok());  // EISDIR: there, and not to be read
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

TEST(Removal, LeavesAUprobesPathWhole) {
  const std::string place = "/" + std::string(80, 'p') + ":0x0000000000002000";
  const std::string argument = "n=" + std::string(70, '1');
  const auto listing = parse_listing("p:g/e " + place + " " + argument, EventsFile::uprobe);
  ASSERT_EQ(listing.size(), 1u);
  EXPECT_EQ(listing[0].removals(), (Lines{"-:g/e " + place + " " + argument,
                                          "-:g/e " + place + " " + argument.substr(0, 63)}));
}

}  // namespace
}  // namespace kprobed::tracefs
