// SPDX-License-Identifier: Apache-2.0
#include "daemon/probe_info.h"

#include <gmock/gmock.h>

namespace kprobed::daemon {
namespace {

using std::chrono::milliseconds;

TEST(ProbeInfo, Times) {
  const struct {
    std::uint64_t ns;
    std::string text;
  } rows[] = {
      {0, ""},
      {1, "1970-01-01T00:00:00.000000001Z"},
      {1'763'867'645'262'389'131, "2025-11-23T03:14:05.262389131Z"},
  };
  for (const auto& row : rows) EXPECT_EQ(wall_time(row.ns), row.text);
}

TEST(ProbeInfo, EveryFieldArrives) {
  engine::ProbeStatus status;
  status.name = "vfs_read";
  status.spec = "p vfs_read";
  status.kernel_line = "p:kprobed/e1 vfs_read";
  status.reason = "asked";
  status.state = engine::ProbeState::disabled;
  status.since_ns = status.added_ns = 1;
  status.owner_uid = 1000;
  status.expires_in = milliseconds(2500);
  status.cpus = 2;
  status.hits = 3;
  status.missed = 4;
  status.published = 5;
  status.lost = 6;
  status.rate = 7.5;
  status.last_hit_ns_ago = 8'999'999;
  const auto source = std::make_shared<const Source>(Source{.name = "spec", .text = "p vfs_read"});
  status.remarks.push_back(
      {.code = "inlined", .message = "m", .hint = "h", .span = Span{source, 1, 2, 10}});
  status.remarks.push_back({.code = "oversize", .message = "n", .hint = "", .span = {}});

  wire::ProbeInfo info;
  info.name = "vfs_read";
  info.spec = "p vfs_read";
  info.state = "disabled";
  info.kernel_line = "p:kprobed/e1 vfs_read";
  info.reason = "asked";
  info.since = info.added = "1970-01-01T00:00:00.000000001Z";
  info.owner_uid = 1000;
  info.expires_ms = 2500;
  info.cpus = 2;
  info.hits = 3;
  info.missed = 4;
  info.published = 5;
  info.lost = 6;
  info.rate = 7.5;
  info.last_hit_ms_ago = 8;
  info.notes = {{.code = "inlined", .message = "m", .hint = "h", .line = 1, .begin = 2, .end = 10},
                {.code = "oversize", .message = "n", .hint = ""}};
  EXPECT_EQ(to_wire(status), info);
}

TEST(ProbeInfo, WhatIsUnknownStaysUnknown) {
  const wire::ProbeInfo info = to_wire(engine::ProbeStatus());
  EXPECT_EQ(info.lost, std::nullopt);
  EXPECT_EQ(info.last_hit_ms_ago, std::nullopt);
  EXPECT_EQ(info.expires_ms, std::nullopt);
}

TEST(ProbeInfo, WhatIsTakenOfTheMachineIsInTheStatus) {
  engine::EngineStatus status;
  status.cpus = 1;
  status.ring_bytes = 2;
  status.ring_peak_percent = 3;
  status.event_bytes = 4;
  status.kernel_memory_max = 5;
  status.descriptors = 6;
  status.descriptors_max = 7;
  const wire::StatusReply reply = to_wire(status);
  EXPECT_EQ(reply.cpus, 1U);
  EXPECT_EQ(reply.ring_bytes, 2U);
  EXPECT_EQ(reply.ring_peak_percent, 3U);
  EXPECT_EQ(reply.event_bytes, 4U);
  EXPECT_EQ(reply.kernel_memory_max, 5U);
  EXPECT_EQ(reply.descriptors, 6U);
  EXPECT_EQ(reply.descriptors_max, 7U);
}

TEST(ProbeInfo, WhatBecameOfEventsIsInTheStatus) {
  engine::EngineStatus status;
  status.counts = {.read = 1,
                   .published = 2,
                   .excluded = 3,
                   .malformed = 4,
                   .lost = 5,
                   .side_band_lost = 6,
                   .unclaimed = 7,
                   .discarded = 8};
  const wire::StatusReply reply = to_wire(status);
  EXPECT_EQ(reply.events_read, 1U);
  EXPECT_EQ(reply.events_published, 2U);
  EXPECT_EQ(reply.events_excluded, 3U);
  EXPECT_EQ(reply.events_malformed, 4U);
  EXPECT_EQ(reply.events_lost, 5U);
  EXPECT_EQ(reply.side_band_lost, 6U);
  EXPECT_EQ(reply.events_unclaimed, 7U);
  EXPECT_EQ(reply.events_discarded, 8U);
}

TEST(ProbeInfo, AnExpiryThatIsOverdueIsNow) {
  engine::ProbeStatus status;
  status.expires_in = milliseconds(-5);
  EXPECT_EQ(to_wire(status).expires_ms, 0U);
}

TEST(ProbeInfo, Requests) {
  wire::AddRequest add;
  add.spec = "p x";
  add.for_ms = wire::kMaxForMs;
  add.resolve = add.disabled = add.allow_oversize = true;
  const engine::AddRequest to = to_engine(add, 42);
  EXPECT_EQ(to.source->text, "p x");
  EXPECT_EQ(to.owner_uid, 42U);
  EXPECT_EQ(to.keep_for, milliseconds(wire::kMaxForMs));
  EXPECT_TRUE(to.disabled && to.follow_drift && to.allow_oversize);
  EXPECT_EQ(to_engine(wire::AddRequest{}, 0).keep_for, std::nullopt);
  const engine::Selection which = to_engine(wire::Selection{.probes = {"a", "b*"}, .all = true});
  EXPECT_THAT(which.globs, testing::ElementsAre("a", "b*"));
  EXPECT_TRUE(which.all);
}

}  // namespace
}  // namespace kprobed::daemon
