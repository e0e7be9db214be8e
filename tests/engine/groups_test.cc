// SPDX-License-Identifier: Apache-2.0
//
// Who may share an event of the kernel's, and whose a sample of a shared one is.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "engine/event_group.h"
#include "engine/plan_table.h"

namespace kprobed::engine {
namespace {

resolve::ResolvedProbe plain() {
  resolve::ResolvedProbe probe;
  probe.spec.kind = probespec::ProbeKind::entry;
  probe.symbol = "vfs_read";
  probe.address = 0xffffffff81000000;
  resolve::ResolvedArg arg;
  arg.name = arg.kernel_name = "a1";
  arg.fetch = "%di";
  arg.kernel_type = "x64";
  probe.args.push_back(arg);
  return probe;
}

TEST(GroupSignature, SaysWhoMayShareAnEvent) {
  using Probe = resolve::ResolvedProbe;
  enum Wanted { same, another, none };
  const struct {
    const char* what;
    void (*change)(Probe& probe);
    Wanted wanted;
  } rows[] = {
      {"nothing", [](Probe&) {}, same},
      {"another function",
       [](Probe& probe) {
         probe.symbol = "vfs_write";
         probe.address += 4096;
       },
       same},
      {"another register", [](Probe& probe) { probe.args[0].fetch = "%si"; }, same},
      {"another name in the output", [](Probe& probe) { probe.args[0].name = "fd"; }, same},
      {"another name in the record", [](Probe& probe) { probe.args[0].kernel_name = "b"; },
       another},
      {"another type", [](Probe& probe) { probe.args[0].kernel_type = "u8"; }, another},
      {"one argument more", [](Probe& probe) { probe.args.push_back(probe.args[0]); }, another},
      {"hidden text", [](Probe& probe) { probe.padding.emplace_back("z=\"zz\":string"); }, another},
      {"a condition", [](Probe& probe) { probe.filter = "a1 == 1"; }, another},
      {"on return", [](Probe& probe) { probe.spec.kind = probespec::ProbeKind::on_return; },
       another},
      {"maxactive", [](Probe& probe) { probe.spec.max_active = 9; }, another},
      {"in a module", [](Probe& probe) { probe.module = "dummy"; }, none},
      {"several functions", [](Probe& probe) { probe.members.resize(2); }, none},
      {"no address", [](Probe& probe) { probe.address = 0; }, none},
      {"in a program", [](Probe& probe) { probe.source = resolve::EventSource::uprobe; }, none},
      {"fprobe", [](Probe& probe) { probe.source = resolve::EventSource::dynamic; }, none},
  };
  const std::string usual = group_signature(plain(), 0, false);
  ASSERT_FALSE(usual.empty());
  EXPECT_NE(group_signature(plain(), 1000, false), usual) << "another owner";
  EXPECT_NE(group_signature(plain(), 0, true), usual) << "one that must not be sampled";
  for (const auto& row : rows) {
    Probe probe = plain();
    row.change(probe);
    const std::string got = group_signature(probe, 0, false);
    EXPECT_EQ(got.empty(), row.wanted == none) << row.what;
    EXPECT_EQ(got == usual, row.wanted == same) << row.what;
  }
}

std::vector<std::byte> sample_at(std::uint64_t address, std::size_t bytes = 24) {
  std::vector<std::byte> raw(bytes);
  std::memcpy(raw.data() + 8, &address, std::min<std::size_t>(8, bytes - 8));
  return raw;
}

TEST(GroupPlans, FindTheNearestProbeBeforeTheAddress) {
  const auto plan = [](std::uint32_t number) {
    auto made = std::make_shared<stream::EventPlan>();
    made->number = number;
    made->fields.ip = 8;
    return made;
  };
  GroupPlans plans;
  plans.add(0x2000, plan(2));
  plans.add(0x1000, plan(1));
  plans.add(0xffffffffff000000, plan(3));
  plans.settle();
  const struct {
    std::uint64_t address;
    std::uint32_t wanted;  ///< 0: nobody's
  } rows[] = {
      {0, 0},
      {0xfff, 0},
      {0x1000, 1},
      {0x1004, 1},  // behind endbr64
      {0x100f, 1},
      {0x1010, 0},
      {0x1fff, 0},
      {0x2000, 2},
      {0x2008, 2},  // behind a global entry of ppc64
      {0xffffffffff000004, 3},
      {UINT64_MAX, 0},
  };
  for (const auto& row : rows) {
    const auto raw = sample_at(row.address);
    const stream::EventPlan* found = plans.find(Bytes(raw.data(), raw.size()));
    EXPECT_EQ(found == nullptr ? 0 : found->number, row.wanted) << std::hex << row.address;
  }
  const auto cut = sample_at(0x1000, 15);
  EXPECT_EQ(plans.find(Bytes(cut.data(), cut.size())), nullptr) << "too short for an address";
}

TEST(GroupPlans, CountSamplesOfThoseWhoLeaveAndOfNobody) {
  auto plan = std::make_shared<stream::EventPlan>();
  plan->fields.ip = 8;
  const auto leaving = std::make_shared<stream::ProbeTally>();
  const auto strays = std::make_shared<stream::ProbeTally>();
  GroupPlans plans;
  plans.add(0x1000, plan);
  plans.add_leaving(0x2000, leaving);
  plans.count_strays(strays);
  plans.settle();
  for (const std::uint64_t address : {0x2000, 0x2004, 0x3000}) {
    const auto raw = sample_at(address);
    const Bytes bytes(raw.data(), raw.size());
    EXPECT_EQ(plans.find(bytes), nullptr) << std::hex << address;
    plans.leave_unclaimed(bytes);
  }
  EXPECT_EQ(leaving->unclaimed, 2u);
  EXPECT_EQ(strays->unclaimed, 1u);
}

TEST(GroupPlans, OfA32BitRecord) {
  auto plan = std::make_shared<stream::EventPlan>();
  plan->fields.func = 8;
  plan->fields.word_bytes = 4;
  GroupPlans plans;
  plans.add(0xc0100000, plan);
  plans.settle();
  const std::uint32_t address = 0xc0100000;
  std::vector<std::byte> bytes(12);
  std::memcpy(bytes.data() + 8, &address, sizeof address);
  EXPECT_EQ(plans.find(Bytes(bytes.data(), bytes.size())), plan.get());
}

}  // namespace
}  // namespace kprobed::engine
