// SPDX-License-Identifier: Apache-2.0
#include "tracefs/sweep.h"

#include <gtest/gtest.h>

#include "fake_tracefs.h"

namespace kprobed::tracefs {
namespace {

using std::chrono::milliseconds;

constexpr const char* kListing =
    "p:kprobed/e1 vfs_read\n"
    "p:kprobed_run_10_500/e1 vfs_read a1=%di:x64\n"
    "p:foreign/one vfs_read\n"
    "p:kprobed_run_20_600/e1 vfs_read\n"
    "r10:kprobed_run_10_500/e2 vfs_read rv=$retval\n"
    "p:kprobed_run_10x_500/e1 vfs_read\n"
    "p:kprobed_runner/e1 vfs_read\n"
    "p:kprobed_run_20_601/e1 vfs_read\n";

/// Only this process lives.
const AlivePredicate kOnlyTwenty = [](const RunOwner& owner) { return owner == RunOwner{20, 600}; };

std::vector<std::string> texts(const std::vector<ListedProbe>& probes) {
  std::vector<std::string> lines;
  for (const ListedProbe& probe : probes) lines.push_back(probe.text);
  return lines;
}

const std::vector<std::string> kOrphans = {
    "p:kprobed_run_10_500/e1 vfs_read a1=%di:x64",
    "r10:kprobed_run_10_500/e2 vfs_read rv=$retval",
    "p:kprobed_run_20_601/e1 vfs_read",
};

TEST(Sweep, FindsTheLinesOfTheDead) {
  EXPECT_EQ(texts(orphans(parse_listing(kListing), kOnlyTwenty)), kOrphans);
}

TEST(Sweep, AsksOnceForEachOwner) {
  std::vector<RunOwner> asked;
  orphans(parse_listing(kListing), [&](const RunOwner& owner) {
    asked.push_back(owner);
    return false;
  });
  EXPECT_EQ(asked, (std::vector<RunOwner>{{10, 500}, {20, 600}, {20, 601}}));
}

TEST(Sweep, KnowsTheDaemonsLines) {
  EXPECT_EQ(texts(daemon_leftovers(parse_listing(kListing))),
            std::vector<std::string>{"p:kprobed/e1 vfs_read"});
}

TEST(Sweep, RemovesExactlyThose) {
  FakeTracefs fake;
  fake.write("kprobe_events", kListing);
  const auto report = sweep(fake.tracefs(), milliseconds(0), {true, kOnlyTwenty});
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(texts(report->removed), kOrphans);
  EXPECT_TRUE(report->failed.empty());
  EXPECT_TRUE(report->not_judged.empty());
  EXPECT_EQ(fake.read("kprobe_events"), std::string(kListing) +
                                            "-:kprobed_run_10_500/e1 vfs_read a1=%di:x64\n"
                                            "-:kprobed_run_10_500/e2 vfs_read rv=$retval\n"
                                            "-:kprobed_run_20_601/e1 vfs_read\n");
}

TEST(Sweep, LooksIntoAllFiles) {
  FakeTracefs fake;
  fake.write("kprobe_events", "p:kprobed_run_10_500/k f\np:other/k f\n");
  const std::string uprobes =
      "p:kprobed_run_10_500/u /bin/true:0x0000000000002000\n"
      "p:kprobed_run_20_600/u /bin/true:0x0000000000002000\n";
  fake.write("uprobe_events", uprobes);
  const std::string dynamic = "p:kprobed_run_10_500/k f\n" + uprobes +
                              "f:kprobed_run_10_500/f vfs_read%return\n"
                              "t:kprobed/t sched_switch\n";
  fake.write("dynamic_events", dynamic);
  const auto report = sweep(fake.tracefs(), milliseconds(0), {true, kOnlyTwenty});
  ASSERT_TRUE(report.ok()) << describe(report.error());
  EXPECT_EQ(report->removed.size(), 3u);
  EXPECT_TRUE(report->failed.empty());
  EXPECT_EQ(fake.read("kprobe_events"),
            "p:kprobed_run_10_500/k f\np:other/k f\n-:kprobed_run_10_500/k f\n");
  EXPECT_EQ(fake.read("uprobe_events"),
            uprobes + "-:kprobed_run_10_500/u /bin/true:0x0000000000002000\n");
  EXPECT_EQ(fake.read("dynamic_events"), dynamic + "-:kprobed_run_10_500/f vfs_read\n");

  const auto all = list(fake.tracefs());
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(texts(daemon_leftovers(*all)), std::vector<std::string>{"t:kprobed/t sched_switch"});
}

TEST(Sweep, LeavesUprobesThatShareAnEvent) {
  FakeTracefs fake;
  const std::string shared =
      "p:kprobed_run_10_500/u /bin/true:0x0000000000002000\n"
      "p:kprobed_run_10_500/u /bin/true:0x0000000000003000\n";
  fake.write("uprobe_events", shared);
  const auto report = sweep(fake.tracefs(), milliseconds(0), {true, kOnlyTwenty});
  ASSERT_TRUE(report.ok()) << describe(report.error());
  EXPECT_TRUE(report->removed.empty());
  EXPECT_EQ(report->failed.size(), 2u);
  EXPECT_EQ(fake.read("uprobe_events"), shared);
}

TEST(Sweep, JudgesNobodyFromAnotherPidNamespace) {
  FakeTracefs fake;
  fake.write("kprobe_events", kListing);
  const auto report = sweep(fake.tracefs(), milliseconds(0), {false, kOnlyTwenty});
  ASSERT_TRUE(report.ok());
  EXPECT_TRUE(report->removed.empty());
  EXPECT_EQ(report->not_judged.size(), 4u);
  EXPECT_EQ(fake.read("kprobe_events"), kListing);
}

TEST(Sweep, ReportsWhatStays) {
  FakeTracefs fake;
  std::filesystem::create_symlink("/dev/full", fake.path("kprobe_events"));
  const auto report =
      remove_all(fake.tracefs(), daemon_leftovers(parse_listing(kListing)), milliseconds(0));
  EXPECT_TRUE(report.removed.empty());
  ASSERT_EQ(report.failed.size(), 1u);
  EXPECT_EQ(report.failed[0].probe.text, "p:kprobed/e1 vfs_read");
  EXPECT_EQ(report.failed[0].why.substr(0, 20), "remove 'kprobed/e1':");
}

TEST(Sweep, NeedsAListing) {
  FakeTracefs fake;
  EXPECT_FALSE(sweep(fake.tracefs(), milliseconds(0), {true, kOnlyTwenty}).ok());
}

}  // namespace
}  // namespace kprobed::tracefs
