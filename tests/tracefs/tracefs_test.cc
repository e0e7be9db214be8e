// SPDX-License-Identifier: Apache-2.0
#include "tracefs/tracefs.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "fake_tracefs.h"

namespace kprobed::tracefs {
namespace {

TEST(Mountinfo, ReadsLines) {
  struct Row {
    const char* text;
    std::vector<Mount> mounts;
  };
  const Row rows[] = {
      {"21 42 0:13 / /sys/kernel/tracing rw,relatime - tracefs tracefs rw\n",
       {{"/", "/sys/kernel/tracing", "tracefs"}}},
      {"36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:7 - ext3 /dev/root rw,errors=continue\n",
       {{"/mnt1", "/mnt2", "ext3"}}},
      {"1 2 0:3 / /a\\040b\\011c\\134d rw - tracefs none rw\n", {{"/", "/a b\tc\\d", "tracefs"}}},
      {"1 2 0:3 / /a\\04 rw - tracefs none rw\n", {{"/", "/a\\04", "tracefs"}}},
      {"1 2 0:3 / /a rw -\n", {}},
      {"1 2 0:3 / /a rw tracefs none rw\n", {}},
      {"1 2 0:3 /\n\n", {}},
  };
  for (const Row& row : rows) EXPECT_EQ(parse_mountinfo(row.text), row.mounts) << row.text;
}

TEST(Mountinfo, ChoosesTheBestTracefs) {
  const Mount ext4{"/", "/", "ext4"};
  const Mount debugfs{"/", "/sys/kernel/debug", "debugfs"};
  const Mount under_debugfs{"/", "/sys/kernel/debug/tracing", "tracefs"};
  const Mount usual{"/", "/sys/kernel/tracing", "tracefs"};
  const Mount elsewhere{"/", "/mnt/tracing", "tracefs"};
  const Mount instance{"/instances/x", "/mnt/instance", "tracefs"};
  const Mount cover{"/", "/sys/kernel/tracing", "tmpfs"};
  struct Row {
    std::vector<Mount> mounts;
    std::vector<std::string> roots;
  };
  const Row rows[] = {
      {{}, {}},
      {{ext4}, {}},
      {{ext4, usual}, {"/sys/kernel/tracing"}},
      {{elsewhere, debugfs, usual},
       {"/sys/kernel/tracing", "/mnt/tracing", "/sys/kernel/debug/tracing"}},
      {{debugfs}, {"/sys/kernel/debug/tracing"}},
      {{debugfs, under_debugfs}, {"/sys/kernel/debug/tracing", "/sys/kernel/debug/tracing"}},
      {{instance}, {}},
      {{usual, cover}, {}},
      {{cover, usual}, {"/sys/kernel/tracing"}},
      {{usual, usual}, {"/sys/kernel/tracing"}},
  };
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    EXPECT_EQ(candidate_roots(rows[i].mounts), rows[i].roots) << "row " << i;
  }
}

TEST(Lockdown, IsTheWordInBrackets) {
  struct Row {
    const char* text;
    const char* mode;
  };
  const Row rows[] = {
      {"[none] integrity confidentiality\n", "none"},
      {"none integrity [confidentiality]\n", "confidentiality"},
      {"none integrity\n", ""},
      {"none [integrity\n", ""},
      {"none ]integrity[\n", ""},
      {"", ""},
  };
  for (const Row& row : rows) EXPECT_EQ(parse_lockdown(row.text), row.mode) << row.text;
}

TEST(CheckKprobes, TellsAMissingFeatureFromAMissingTracefs) {
  FakeTracefs fake;
  const auto without = fake.tracefs().check_kprobes();
  ASSERT_FALSE(without.ok());
  EXPECT_EQ(without.error().code, ErrorCode::no_kprobes);
  EXPECT_NE(without.error().hint.find("CONFIG_KPROBE_EVENTS"), std::string::npos);

  std::filesystem::remove(fake.path("README"));
  const auto nothing = fake.tracefs().check_kprobes();
  ASSERT_FALSE(nothing.ok());
  EXPECT_EQ(nothing.error().code, ErrorCode::no_tracefs);
  EXPECT_NE(nothing.error().hint.find("mount -t tracefs"), std::string::npos);
}

TEST(Check, NamesTheFileThatIsMissing) {
  struct Row {
    EventsFile file;
    ErrorCode code;
    const char* name;
    const char* option;
  };
  const Row rows[] = {
      {EventsFile::kprobe, ErrorCode::no_kprobes, "/kprobe_events'", "CONFIG_KPROBE_EVENTS"},
      {EventsFile::uprobe, ErrorCode::unsupported, "/uprobe_events'", "CONFIG_UPROBE_EVENTS"},
      {EventsFile::dynamic, ErrorCode::unsupported, "/dynamic_events'", "CONFIG_FPROBE_EVENTS"},
  };
  FakeTracefs fake;
  for (const Row& row : rows) {
    const auto missing = fake.tracefs().check(row.file);
    ASSERT_FALSE(missing.ok()) << row.name;
    EXPECT_EQ(missing.error().code, row.code) << row.name;
    EXPECT_NE(missing.error().message.find(row.name), std::string::npos) << row.name;
    EXPECT_NE(missing.error().hint.find(row.option), std::string::npos) << row.name;
    fake.write(file_name(row.file), "");
    EXPECT_TRUE(fake.tracefs().check(row.file).ok()) << row.name;
  }
}

TEST(CheckKprobes, LeavesTheFileAlone) {
  FakeTracefs fake;
  fake.write("kprobe_events", "p:foreign/one vfs_read\n");
  EXPECT_TRUE(fake.tracefs().check_kprobes().ok());
  EXPECT_EQ(fake.read("kprobe_events"), "p:foreign/one vfs_read\n");
}

TEST(CheckKprobes, NeedsWriteAccess) {
  FakeTracefs fake;
  fake.write("kprobe_events", "");
  std::filesystem::permissions(fake.path("kprobe_events"), std::filesystem::perms::owner_read);
  // Root may write everything: ask as nobody.
  const uid_t before = ::geteuid();
  if (before == 0) {
    ASSERT_EQ(::seteuid(65534), 0);
  }
  const auto checked = fake.tracefs().check_kprobes();
  if (before == 0) {
    ASSERT_EQ(::seteuid(before), 0);
  }
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().code, ErrorCode::no_permission);
  EXPECT_EQ(checked.error().hint, "probes need root");
}

TEST(Tracefs, JoinsPaths) {
  EXPECT_EQ(Tracefs("/t").path("events/a/b/id"), "/t/events/a/b/id");
  FakeTracefs fake;
  const auto readme = fake.tracefs().readme();
  ASSERT_TRUE(readme.ok());
  EXPECT_EQ(*readme, "tracing mini-HOWTO:\n");
}

}  // namespace
}  // namespace kprobed::tracefs
