// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/check_report.h"

#include <gmock/gmock.h>

#include "kprobectl/spec_input.h"

namespace kprobed::kprobectl {
namespace {

using testing::ElementsAre;

resolve::ResolvedProbe probe(const std::string& text) {
  resolve::ResolvedProbe probe;
  const auto source = std::make_shared<const Source>(Source{"argument 1", text});
  probe.spec = probespec::parse(source).specs.at(0);
  probe.symbol = probe.spec.point.symbol;
  probe.kernel_point = probe.symbol + "+0";
  return probe;
}

resolve::ResolvedArg argument(const char* name, decode::ValueShape shape,
                              decode::Unreadable unreadable, const Span& span) {
  resolve::ResolvedArg arg;
  arg.name = arg.kernel_name = name;
  arg.fetch = "%di";
  arg.kernel_type = "u64";
  arg.shape = std::move(shape);
  arg.unreadable = unreadable;
  arg.span = span;
  return arg;
}

TEST(CheckReport, TellsEachArgument) {
  using decode::Show;
  using decode::Unreadable;
  const struct {
    decode::ValueShape shape;
    Unreadable unreadable;
    const char *shown, *says;
    unsigned count;
  } rows[] = {
      {{Show::unsigned_number}, Unreadable::never, "unsigned", "", 0},
      {{Show::signed_number, 3}, Unreadable::zero, "signed", "zero", 3},
      {{Show::hex}, Unreadable::stale, "hex", "stale", 0},
      {{Show::text}, Unreadable::null, "text", "null", 0},
      {{Show::character}, Unreadable::never, "character", "", 0},
      {{Show::boolean}, Unreadable::never, "boolean", "", 0},
      {{Show::symbol}, Unreadable::never, "symbol", "", 0},
      {{Show::enumeration}, Unreadable::never, "enumeration", "", 0},
  };
  for (const auto& row : rows) {
    resolve::ResolvedProbe one = probe("p vfs_read a1");
    one.args = {argument("a1", row.shape, row.unreadable, one.spec.args[0].span)};
    const wire::CheckedProbe said = checked_probe(one, "vfs_read");
    ASSERT_EQ(said.args.size(), 1U);
    EXPECT_EQ(said.args[0].shown, row.shown);
    EXPECT_EQ(said.args[0].unreadable, row.says);
    EXPECT_EQ(said.args[0].count, row.count);
    EXPECT_EQ(said.args[0].begin, 11U);
    EXPECT_EQ(said.args[0].end, 13U);
  }
}

TEST(CheckReport, TellsTheKernelsLines) {
  resolve::ResolvedProbe one = probe("p vfs_* a1");
  one.args = {argument("a1", {}, decode::Unreadable::never, one.spec.args[0].span)};
  one.members = {{"vfs_read+0", "vfs_read", "", 0x1000, 0x1100},
                 {"vfs_write+0", "vfs_write", "", 0x2000, 0x2100}};
  one.remarks = {{"members", "2 functions", "", one.spec.point.span}};
  const wire::CheckedProbe said = checked_probe(one, "vfs_*");
  EXPECT_THAT(said.kernel_lines, ElementsAre("p:kprobed/... vfs_read+0 a1=%di:u64",
                                             "p:kprobed/... vfs_write+0 a1=%di:u64"));
  ASSERT_EQ(said.notes.size(), 1U);
  EXPECT_EQ(said.notes[0].code, "members");
  EXPECT_EQ(said.notes[0].begin, 2U);
}

TEST(CheckReport, AnEventOfTheKernelHasNoLine) {
  resolve::ResolvedProbe one = probe("t sched/sched_switch");
  one.source = resolve::EventSource::existing;
  one.event_group = "sched";
  one.event_name = "sched_switch";
  const wire::CheckedProbe said = checked_probe(one, "sched_switch");
  EXPECT_EQ(said.event, "sched/sched_switch");
  EXPECT_TRUE(said.kernel_lines.empty());
}

}  // namespace
}  // namespace kprobed::kprobectl
