// SPDX-License-Identifier: Apache-2.0
#include "tracefs/installed_probe.h"

#include <gtest/gtest.h>

#include <optional>

#include "fake_tracefs.h"

namespace kprobed::tracefs {
namespace {

using std::chrono::milliseconds;

constexpr const char* kForeign = "p:foreign/e1 vfs_read\n";
constexpr const char* kLine = "p:kprobed/e1 vfs_read a1=%di:x64";
const std::string kInstalled = std::string(kForeign) + kLine + "\n";
const std::string kRemoved = kInstalled + "-:kprobed/e1\n";

Result<InstalledProbe> install(const FakeTracefs& fake) {
  return InstalledProbe::install(fake.tracefs(), EventsFile::kprobe, "kprobed", "e1", kLine,
                                 nullptr);
}

struct InstalledProbeTest : testing::Test {
  InstalledProbeTest() { fake.write("kprobe_events", kForeign); }
  FakeTracefs fake;
};

TEST_F(InstalledProbeTest, GoesWithItsOwner) {
  {
    const auto probe = install(fake);
    ASSERT_TRUE(probe.ok());
    EXPECT_EQ(probe->group(), "kprobed");
    EXPECT_EQ(probe->event(), "e1");
    EXPECT_EQ(fake.read("kprobe_events"), kInstalled);
  }
  EXPECT_EQ(fake.read("kprobe_events"), kRemoved);
}

TEST_F(InstalledProbeTest, IsRemovedOnce) {
  {
    auto probe = install(fake);
    ASSERT_TRUE(probe.ok());
    ASSERT_TRUE(probe->remove(milliseconds(0)).ok());
    ASSERT_TRUE(probe->remove(milliseconds(0)).ok());
  }
  EXPECT_EQ(fake.read("kprobe_events"), kRemoved);
}

TEST_F(InstalledProbeTest, MovesItsDuty) {
  {
    auto probe = install(fake);
    ASSERT_TRUE(probe.ok());
    std::optional<InstalledProbe> kept(*std::move(probe));
    const InstalledProbe last(*std::move(kept));
    kept.reset();
    EXPECT_EQ(fake.read("kprobe_events"), kInstalled);
  }
  EXPECT_EQ(fake.read("kprobe_events"), kRemoved);
}

TEST_F(InstalledProbeTest, AssignmentRemovesWhatWasThere) {
  auto first = install(fake);
  auto second = InstalledProbe::install(fake.tracefs(), EventsFile::kprobe, "kprobed", "e2",
                                        "p:kprobed/e2 f", nullptr);
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(second.ok());
  *first = *std::move(second);
  EXPECT_EQ(first->event(), "e2");
  EXPECT_EQ(fake.read("kprobe_events"), kInstalled + "p:kprobed/e2 f\n-:kprobed/e1\n");
}

TEST_F(InstalledProbeTest, RemovesAllLinesOfItsEventInOneWriteAndNoOthers) {
  {
    const auto probe = install(fake);
    ASSERT_TRUE(probe.ok());
    fake.write("kprobe_events",
               "p:kprobed/e1 vfs_read a1=%di:x64\n"
               "p:foreign/e1 vfs_read a1=%di:x64\n"
               "p:kprobed/e11 vfs_read a1=%di:x64\n"
               "p:kprobed/e1 vfs_write a1=%si:x64\n");
  }
  const std::string text = fake.read("kprobe_events");
  EXPECT_EQ(text.substr(text.find("-:")), "-:kprobed/e1\n");
}

TEST_F(InstalledProbeTest, AddsLinesToAKprobe) {
  {
    auto probe = install(fake);
    ASSERT_TRUE(probe.ok());
    ASSERT_TRUE(probe->add_line("p:kprobed/e1 vfs_write a1=%di:x64", nullptr).ok());
    EXPECT_EQ(fake.read("kprobe_events"), kInstalled + "p:kprobed/e1 vfs_write a1=%di:x64\n");
  }
  EXPECT_EQ(fake.read("kprobe_events"),
            kInstalled + "p:kprobed/e1 vfs_write a1=%di:x64\n-:kprobed/e1\n");
}

TEST_F(InstalledProbeTest, RemovesWhatItHasAfterALaterLineIsRefused) {
  {
    auto probe = install(fake);
    ASSERT_TRUE(probe.ok());
    // The kernel's no: here a file that takes nothing.
    std::filesystem::rename(fake.path("kprobe_events"), fake.path("kept"));
    std::filesystem::create_symlink("/dev/full", fake.path("kprobe_events"));
    Refusal refusal;
    EXPECT_FALSE(probe->add_line("p:kprobed/e1 vfs_write a1=%di:x64", &refusal).ok());
    EXPECT_EQ(refusal.sys_errno, ENOSPC);
    std::filesystem::rename(fake.path("kept"), fake.path("kprobe_events"));
  }
  EXPECT_EQ(fake.read("kprobe_events"), kRemoved);
}

/// A line of each file, and what else is in that file.
struct OtherFile {
  EventsFile file;
  const char* name;
  const char* line;
  const char* foreign;
};
const OtherFile kOtherFiles[] = {
    {EventsFile::uprobe, "uprobe_events", "p:kprobed/e1 /bin/true:0x10 a=%di:u64",
     "p:foreign/e1 /bin/true:0x0000000000000010\n"},
    {EventsFile::dynamic, "dynamic_events", "f:kprobed/e1 vfs_read%return rv=$retval:s64",
     "p:kprobed/e1 vfs_read\n"},
    {EventsFile::dynamic, "dynamic_events", "t:kprobed/e1 sched_switch",
     "p:foreign/e1 /bin/true:0x0000000000000010\n"},
};

TEST_F(InstalledProbeTest, WritesToTheFileOfItsKind) {
  for (const OtherFile& other : kOtherFiles) {
    SCOPED_TRACE(other.line);
    fake.write(other.name, other.foreign);
    const std::string installed = std::string(other.foreign) + other.line + "\n";
    {
      auto probe =
          InstalledProbe::install(fake.tracefs(), other.file, "kprobed", "e1", other.line, nullptr);
      ASSERT_TRUE(probe.ok()) << describe(probe.error());
      EXPECT_EQ(fake.read(other.name), installed);
      EXPECT_EQ(probe->file(), other.file);
      // KERNEL-FACTS 24: a second line would crash kernels.
      const auto added = probe->add_line(other.line, nullptr);
      ASSERT_FALSE(added.ok());
      EXPECT_EQ(added.error().code, ErrorCode::internal);
    }
    EXPECT_EQ(fake.read(other.name), installed + "-:kprobed/e1\n");
    EXPECT_EQ(fake.read("kprobe_events"), kForeign);
  }
}

TEST_F(InstalledProbeTest, JoinsNoEventThatIsThereUnlessItIsAKprobe) {
  for (const OtherFile& other : kOtherFiles) {
    SCOPED_TRACE(other.line);
    const std::string there = std::string(other.line) + "\n";
    fake.write(other.name, there);
    const auto probe =
        InstalledProbe::install(fake.tracefs(), other.file, "kprobed", "e1", other.line, nullptr);
    ASSERT_FALSE(probe.ok());
    EXPECT_EQ(probe.error().code, ErrorCode::name_used);
    EXPECT_EQ(fake.read(other.name), there);
  }
}

TEST_F(InstalledProbeTest, TakesNoLineOfAnotherFile) {
  struct Row {
    EventsFile file;
    const char* line;
  };
  const Row rows[] = {
      {EventsFile::kprobe, "f:kprobed/e1 vfs_read"},
      {EventsFile::uprobe, "t:kprobed/e1 sched_switch"},
      {EventsFile::dynamic, "p:kprobed/e1 vfs_read"},
  };
  for (const Row& row : rows) {
    const auto probe =
        InstalledProbe::install(fake.tracefs(), row.file, "kprobed", "e1", row.line, nullptr);
    ASSERT_FALSE(probe.ok()) << row.line;
    EXPECT_EQ(probe.error().code, ErrorCode::internal) << row.line;
  }
}

TEST_F(InstalledProbeTest, LeavesAUprobeThatSomebodyAddedTo) {
  constexpr const char* kUprobe = "p:kprobed/e1 /bin/true:0x0000000000000010";
  fake.write("uprobe_events", "");
  std::string shared;
  {
    auto probe = InstalledProbe::install(fake.tracefs(), EventsFile::uprobe, "kprobed", "e1",
                                         kUprobe, nullptr);
    ASSERT_TRUE(probe.ok()) << describe(probe.error());
    shared = std::string(kUprobe) + "\np:kprobed/e1 /bin/true:0x0000000000000020\n";
    fake.write("uprobe_events", shared);
    const auto removed = probe->remove(milliseconds(0));
    ASSERT_FALSE(removed.ok());
    EXPECT_EQ(removed.error().code, ErrorCode::kernel_refused);
    EXPECT_EQ(describe(removed.error()),
              "remove 'kprobed/e1': 2 uprobes share the event, and one of them is not ours");
  }
  EXPECT_EQ(fake.read("uprobe_events"), shared);
}

TEST_F(InstalledProbeTest, HasNothingToRemoveAfterAForeignReset) {
  auto probe = install(fake);
  ASSERT_TRUE(probe.ok());
  fake.write("kprobe_events", "");
  EXPECT_TRUE(probe->remove(milliseconds(0)).ok());
  EXPECT_EQ(fake.read("kprobe_events"), "");
}

TEST_F(InstalledProbeTest, RefusesALineOfAnotherEvent) {
  for (const char* line : {"p:kprobed/e2 vfs_read", "p:other/e1 vfs_read", "-:kprobed/e1", ""}) {
    const auto probe =
        InstalledProbe::install(fake.tracefs(), EventsFile::kprobe, "kprobed", "e1", line, nullptr);
    ASSERT_FALSE(probe.ok()) << line;
    EXPECT_EQ(probe.error().code, ErrorCode::internal) << line;
  }
  EXPECT_EQ(fake.read("kprobe_events"), kForeign);
}

TEST_F(InstalledProbeTest, OwnsNothingAfterARefusal) {
  FakeTracefs full;
  std::filesystem::create_symlink("/dev/full", full.path("kprobe_events"));
  Refusal refusal;
  const auto probe =
      InstalledProbe::install(full.tracefs(), EventsFile::kprobe, "kprobed", "e1", kLine, &refusal);
  ASSERT_FALSE(probe.ok());
  EXPECT_EQ(refusal.sys_errno, ENOSPC);
}

TEST_F(InstalledProbeTest, ReadsItsFiles) {
  const auto probe = install(fake);
  ASSERT_TRUE(probe.ok());
  EXPECT_FALSE(probe->id().ok());
  fake.write("events/kprobed/e1/id", "1602\n");
  fake.write("events/kprobed/e1/format", "name: e1\nID: 1602\n");
  ASSERT_TRUE(probe->id().ok());
  EXPECT_EQ(*probe->id(), 1602u);
  ASSERT_TRUE(probe->format_text().ok());
  EXPECT_EQ(*probe->format_text(), "name: e1\nID: 1602\n");
  for (const char* text : {"", "0\n", "x\n", "65536\n"}) {
    fake.write("events/kprobed/e1/id", text);
    const auto id = probe->id();
    ASSERT_FALSE(id.ok()) << text;
    EXPECT_EQ(id.error().code, ErrorCode::malformed) << text;
  }
}

TEST_F(InstalledProbeTest, CountsItsOwnLinesOnly) {
  const auto probe = install(fake);
  ASSERT_TRUE(probe.ok());
  fake.write(
      "kprobe_events",
      "p:foreign/e1 vfs_read\np:kprobed/e1 vfs_read a1=%di:x64\np:kprobed/e1 f a1=%di:x64\n");
  fake.write("kprobe_profile", "  e1 100 100\n  e1 20 2\n  e1 3 1\n");
  const auto counted = probe->profile();
  ASSERT_TRUE(counted.ok()) << describe(counted.error());
  EXPECT_EQ(counted->hits, 23u);
  EXPECT_EQ(counted->missed, 3u);

  fake.write("kprobe_events", "p:foreign/e1 vfs_read\n");
  fake.write("kprobe_profile", "  e1 100 100\n");
  const auto gone = probe->profile();
  ASSERT_FALSE(gone.ok());
  EXPECT_EQ(gone.error().code, ErrorCode::not_found);
}

TEST_F(InstalledProbeTest, CountsOnlyWhatTheKernelCounts) {
  fake.write("uprobe_events", "");
  const auto uprobe = InstalledProbe::install(fake.tracefs(), EventsFile::uprobe, "kprobed", "e1",
                                              "p:kprobed/e1 /bin/true:0x10", nullptr);
  ASSERT_TRUE(uprobe.ok());
  fake.write("uprobe_profile", "  /bin/true e1 7\n");
  const auto counted = uprobe->profile();
  ASSERT_TRUE(counted.ok()) << describe(counted.error());
  EXPECT_EQ(counted->hits, 7u);
  EXPECT_EQ(counted->missed, std::nullopt);

  fake.write("dynamic_events", "");
  const auto fprobe = InstalledProbe::install(fake.tracefs(), EventsFile::dynamic, "kprobed", "e1",
                                              "f:kprobed/e1 vfs_read", nullptr);
  ASSERT_TRUE(fprobe.ok());
  const auto unknown = fprobe->profile();
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code, ErrorCode::unsupported);
}

}  // namespace
}  // namespace kprobed::tracefs
