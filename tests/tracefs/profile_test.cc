// SPDX-License-Identifier: Apache-2.0
#include "tracefs/profile.h"

#include <gtest/gtest.h>

#include "fake_tracefs.h"

namespace kprobed::tracefs {
namespace {

using Rows = std::vector<ProfileRow>;

TEST(Profile, ReadsRows) {
  struct Row {
    const char* text;
    Rows rows;
  };
  const Row rows[] = {
      {"", {}},
      {"  mu                                                         0               0\n",
       {{"mu", 0, 0}}},
      {"  e1                                                        12               3\n"
       "  e1                                      18446744073709551615               0\n",
       {{"e1", 12, 3}, {"e1", UINT64_MAX, 0}}},
      {"  e1 12\n  e1 12 x\n  e1 -1 0\n  e1 1 2 3\n", {}},
  };
  for (const Row& row : rows) EXPECT_EQ(parse_profile(row.text), row.rows) << row.text;
}

TEST(Profile, ReadsRowsOfUprobes) {
  struct Row {
    const char* text;
    Rows rows;
  };
  const Row rows[] = {
      // Linux 6.18 (the test host).
      {"  /usr/bin/true a                                                          0\n"
       "  /usr/bin/true p_true_0x2010                                              3\n",
       {{"a", 0, std::nullopt, "/usr/bin/true"},
        {"p_true_0x2010", 3, std::nullopt, "/usr/bin/true"}}},
      {"  /usr/bin/true a\n  /usr/bin/true a x\n  a 1\n  /bin/true a 1 2\n", {}},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(parse_profile(row.text, EventsFile::uprobe), row.rows) << row.text;
  }
}

TEST(Profile, PutsRowsToListedProbesByOrder) {
  for (const char* kernel : {"5.10", "6.1", "6.12"}) {
    SCOPED_TRACE(kernel);
    const auto listing = parse_listing(test_data(std::string(kernel) + "/kprobe_events"));
    const auto rows = parse_profile(test_data(std::string(kernel) + "/kprobe_profile"));
    const auto matched = match_profile(listing, rows);
    ASSERT_TRUE(matched.ok()) << describe(matched.error());
    std::vector<std::pair<std::string, std::uint64_t>> multi;
    for (const ProfiledProbe& probe : *matched) {
      if (probe.probe.event == "multi") multi.emplace_back(probe.probe.place, probe.hits);
    }
    ASSERT_EQ(multi.size(), 2u);
    EXPECT_EQ(multi[0].first, "vfs_read");
    EXPECT_EQ(multi[1].first, "vfs_write");
  }
}

TEST(Profile, RefusesWhatDoesNotGoTogether) {
  struct Row {
    const char* listing;
    Rows rows;
  };
  const Row rows[] = {
      {"p:g/a f\np:g/b f\n", {{"a", 1, 0}}},
      {"p:g/a f\n", {{"a", 1, 0}, {"b", 1, 0}}},
      {"p:g/a f\np:g/b f\n", {{"b", 1, 0}, {"a", 1, 0}}},
  };
  for (const Row& row : rows) {
    const auto matched = match_profile(parse_listing(row.listing), row.rows);
    ASSERT_FALSE(matched.ok()) << row.listing;
    EXPECT_EQ(matched.error().code, ErrorCode::malformed);
  }
  const auto listing = parse_listing("p:g/a /bin/true:0x10\n", EventsFile::uprobe);
  EXPECT_TRUE(match_profile(listing, {{"a", 1, std::nullopt, "/bin/true"}}).ok());
  EXPECT_FALSE(match_profile(listing, {{"a", 1, std::nullopt, "/bin/tru"}}).ok());
}

TEST(Profile, ReadsBothFiles) {
  FakeTracefs fake;
  fake.write("kprobe_events", "p:other/e1 f\np:kprobed/e1 f\n");
  fake.write("kprobe_profile", "  e1 5 0\n  e1 7 1\n");
  const auto probes = profile(fake.tracefs());
  ASSERT_TRUE(probes.ok()) << describe(probes.error());
  ASSERT_EQ(probes->size(), 2u);
  EXPECT_EQ((*probes)[1].probe.group, "kprobed");
  EXPECT_EQ((*probes)[1].hits, 7u);
  EXPECT_EQ((*probes)[1].missed, 1u);
}

TEST(Profile, ReadsTheUprobesToo) {
  FakeTracefs fake;
  EXPECT_EQ(profile(fake.tracefs()).error().sys_errno, ENOENT);
  fake.write("uprobe_events", "r:kprobed/u1 /bin/true:0x10 rv=$retval\n");
  fake.write("uprobe_profile", "  /bin/true u1 9\n");
  fake.write("dynamic_events", "r:kprobed/u1 /bin/true:0x10 rv=$retval\nt:kprobed/t1 ext4_foo\n");
  auto probes = profile(fake.tracefs());
  ASSERT_TRUE(probes.ok()) << describe(probes.error());
  ASSERT_EQ(probes->size(), 1u);
  EXPECT_EQ((*probes)[0].hits, 9u);
  EXPECT_EQ((*probes)[0].missed, std::nullopt);

  fake.write("kprobe_events", "p:kprobed/e1 f\n");
  fake.write("kprobe_profile", "  e1 7 1\n");
  probes = profile(fake.tracefs());
  ASSERT_TRUE(probes.ok()) << describe(probes.error());
  ASSERT_EQ(probes->size(), 2u);
  EXPECT_EQ((*probes)[0].probe.event, "e1");
  EXPECT_EQ((*probes)[1].probe.event, "u1");
}

TEST(Profile, GivesUpOnFilesThatNeverAgree) {
  FakeTracefs fake;
  fake.write("kprobe_events", "p:kprobed/e1 f\n");
  fake.write("kprobe_profile", "");
  const auto probes = profile(fake.tracefs());
  ASSERT_FALSE(probes.ok());
  EXPECT_EQ(probes.error().code, ErrorCode::busy);
}

}  // namespace
}  // namespace kprobed::tracefs
