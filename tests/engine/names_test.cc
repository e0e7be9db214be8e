// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <memory>

#include "engine/machine.h"
#include "engine/plan_table.h"
#include "engine/probe_names.h"
#include "probespec/parse.h"

namespace kprobed::engine {
namespace {

TEST(ProbeNames, FollowTheSpec) {
  struct Row {
    const char *spec, *name;
  };
  const Row rows[] = {
      {"p vfs_read a1", "vfs_read"},
      {"r vfs_read rv", "vfs_read_ret"},
      {"p vfs_read+16", "vfs_read+0x10"},
      {"p vfs_read-8", "vfs_read-0x8"},
      {"p 0xffffffff81234560", "0xffffffff81234560"},
  };
  for (const Row& row : rows) {
    const auto parsed = probespec::parse(std::make_shared<Source>(Source{"t", row.spec}));
    ASSERT_EQ(parsed.specs.size(), 1u) << row.spec;
    EXPECT_EQ(default_probe_name(parsed.specs[0]), row.name) << row.spec;
  }
}

TEST(ProbeNames, AreMadeUnique) {
  std::set<std::string> taken;
  EXPECT_EQ(unique_probe_name("a", taken), "a");
  EXPECT_EQ(unique_probe_name("a", taken), "a_2");
  EXPECT_EQ(unique_probe_name("a_2", taken), "a_2_2");
  EXPECT_EQ(unique_probe_name("a", taken), "a_3");
}

TEST(PlanTable, FindsByIdentifierOnly) {
  const auto first = std::make_shared<const stream::EventPlan>();
  const auto second = std::make_shared<const stream::EventPlan>();
  PlanTable table;
  table.add(30, first);
  table.add(10, second);
  table.add(20, first);
  struct Row {
    std::uint64_t id;
    const stream::EventPlan* plan;
  };
  for (const Row row : {Row{10, second.get()}, Row{20, first.get()}, Row{30, first.get()},
                        Row{9, nullptr}, Row{31, nullptr}}) {
    const PlanTable::Row* found = table.find(row.id);
    EXPECT_EQ(found == nullptr ? nullptr : found->plan.get(), row.plan) << row.id;
  }
  table.remove(first.get());
  EXPECT_EQ(table.find(20), nullptr);
  ASSERT_NE(table.find(10), nullptr);
  EXPECT_EQ(table.find(10)->plan, second);
}

TEST(LoadedModules, ChangeWithModulesNotWithTheirUse) {
  constexpr const char* kBefore =
      "nf_tables 315392 2 nft_chain_nat,nft_compat, Live 0xffffffffc0800000\n"
      "virtio_net 73728 0 - Live 0xffffffffc0700000 (E)\n";
  const struct {
    const char* now;
    bool same;
  } rows[] = {
      {kBefore, true},
      {"nf_tables 315392 7 nft_compat, Live 0xffffffffc0800000\n"
       "virtio_net 73728 1 - Live 0xffffffffc0700000 (E)\n",
       true},
      {"virtio_net 73728 0 - Live 0xffffffffc0700000 (E)\n", false},
      {"nf_tables 315392 2 nft_compat, Live 0xffffffffc0900000\n"  // loaded again, elsewhere
       "virtio_net 73728 0 - Live 0xffffffffc0700000 (E)\n",
       false},
      {"nf_tables 315392 2 nft_compat, Loading 0xffffffffc0800000\n"
       "virtio_net 73728 0 - Live 0xffffffffc0700000 (E)\n",
       false},
      {"", false},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(loaded_modules(row.now) == loaded_modules(kBefore), row.same) << row.now;
  }
}

}  // namespace
}  // namespace kprobed::engine
