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
const std::string kRemoved = kInstalled + "-:kprobed/e1 vfs_read a1=%di:x64\n";

Result<InstalledProbe> install(const FakeTracefs& fake) {
  return InstalledProbe::install(fake.tracefs(), "kprobed", "e1", kLine, nullptr);
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
  auto second = InstalledProbe::install(fake.tracefs(), "kprobed", "e2", "p:kprobed/e2 f", nullptr);
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(second.ok());
  *first = *std::move(second);
  EXPECT_EQ(first->event(), "e2");
  EXPECT_EQ(fake.read("kprobe_events"),
            kInstalled + "p:kprobed/e2 f\n-:kprobed/e1 vfs_read a1=%di:x64\n");
}

TEST_F(InstalledProbeTest, RemovesAllLinesOfItsEventAndNoOthers) {
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
  EXPECT_EQ(text.substr(text.find("-:")),
            "-:kprobed/e1 vfs_read a1=%di:x64\n"
            "-:kprobed/e1 vfs_write a1=%si:x64\n");
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
    const auto probe = InstalledProbe::install(fake.tracefs(), "kprobed", "e1", line, nullptr);
    ASSERT_FALSE(probe.ok()) << line;
    EXPECT_EQ(probe.error().code, ErrorCode::internal) << line;
  }
  EXPECT_EQ(fake.read("kprobe_events"), kForeign);
}

TEST_F(InstalledProbeTest, OwnsNothingAfterARefusal) {
  FakeTracefs full;
  std::filesystem::create_symlink("/dev/full", full.path("kprobe_events"));
  Refusal refusal;
  const auto probe = InstalledProbe::install(full.tracefs(), "kprobed", "e1", kLine, &refusal);
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

}  // namespace
}  // namespace kprobed::tracefs
