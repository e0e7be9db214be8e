// SPDX-License-Identifier: Apache-2.0
#include "daemon/state_store.h"

#include <gmock/gmock.h>

#include <fstream>

#include "temp_dir.h"

namespace kprobed::daemon {
namespace {

engine::ProbeWish wish(std::string spec) {
  engine::ProbeWish out;
  out.spec = std::move(spec);
  return out;
}

TEST(StateStore, WhatIsSavedIsLoaded) {
  const TempDir dir;
  const StateStore store(dir.path("state.json"));
  engine::ProbeWish full = wish("p vfs_read a1 \"x\"");
  full.name = "vfs_read_2";
  full.owner_uid = 1000;
  full.disabled = full.follow_drift = full.allow_oversize = true;
  full.expires_boottime_ms = 5000;
  full.origin = "/etc/kprobed/probes.d/a.probes";
  full.asked = "p vfs_read a1";
  for (const auto& wishes : {std::vector{full, wish("r x rv")}, std::vector{wish("p y")}, {}}) {
    const wire::StateFile state = to_state(wishes, {1, 2});
    ASSERT_TRUE(store.save(state).ok());
    const auto loaded = store.load();
    ASSERT_TRUE(loaded.ok());
    EXPECT_EQ(loaded->value(), state);
  }
  EXPECT_FALSE(std::filesystem::exists(dir.path("state.json.new")));
  const auto mode = std::filesystem::status(store.path()).permissions();
  EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST(StateStore, PersistentProbesAreAddedOnceToWhatComesBack) {
  engine::ProbeWish kept = wish("p x"), other = wish("p y"), live = wish("p z");
  kept.name = "x", other.name = "y", live.name = "z";
  kept.origin = other.origin = std::string(engine::kPersistent);
  const wire::StateFile file = to_state({kept, other}, {});
  // After a crash "x" comes back already, with what was last known of it.
  Beginning beginning;
  kept.disabled = true;
  beginning.wishes = {live, kept};
  add_persistent(beginning, file);
  std::vector<std::string> names;
  for (const auto& one : beginning.wishes) names.push_back(one.name);
  EXPECT_THAT(names, testing::ElementsAre("z", "x", "y"));
  EXPECT_TRUE(beginning.wishes[1].disabled);
  EXPECT_EQ(persistent(beginning.wishes).size(), 2u);
}

TEST(StateStore, NoneIsNoError) {
  const TempDir dir;
  const StateStore store(dir.path("state.json"));
  auto loaded = store.load();
  ASSERT_TRUE(loaded.ok());
  EXPECT_FALSE(loaded->has_value());
  EXPECT_TRUE(store.clear().ok());
  ASSERT_TRUE(store.save({}).ok());
  EXPECT_TRUE(store.clear().ok());
  loaded = store.load();
  ASSERT_TRUE(loaded.ok());
  EXPECT_FALSE(loaded->has_value());
}

TEST(StateStore, DamageIsSaidAndWhatAKilledWriterLeftIsReplaced) {
  const TempDir dir;
  const StateStore store(dir.path("state.json"));
  std::ofstream(store.path()) << R"({"version":1,"probes":[{"sp)";
  EXPECT_FALSE(store.load().ok());
  std::ofstream(dir.path("state.json.new")) << "half";
  ASSERT_TRUE(store.save(to_state({wish("p x")}, {})).ok());
  EXPECT_EQ(store.load()->value().probes.at(0).spec, "p x");
}

TEST(StateStore, AFailedSaveKeepsTheOldState) {
  const TempDir dir;
  const StateStore store(dir.path("state.json"));
  ASSERT_TRUE(store.save(to_state({wish("p x")}, {})).ok());
  std::filesystem::create_directory(dir.path("state.json.new"));
  EXPECT_FALSE(store.save(to_state({wish("p y")}, {})).ok());
  EXPECT_EQ(store.load()->value().probes.at(0).spec, "p x");
}

TEST(Beginning, CrashesAreCounted) {
  using Times = std::vector<std::uint64_t>;
  const struct {
    Times before;
    std::uint64_t now;
    Times after;
    bool hold;
  } rows[] = {
      {{}, 1'000'000, {1'000'000}, false},
      {{999'000}, 1'000'000, {999'000, 1'000'000}, false},
      {{998'000, 999'000}, 1'000'000, {998'000, 999'000, 1'000'000}, true},
      {{880'000, 999'000}, 1'000'000, {999'000, 1'000'000}, false},  // the first is 120 s ago
      {{880'001, 999'000}, 1'000'000, {880'001, 999'000, 1'000'000}, true},
      {{2'000'000, 3'000'000}, 1'000'000, {1'000'000}, false},  // another boot's
  };
  for (const auto& row : rows) {
    wire::StateFile left;
    left.crash_times_ms = row.before;
    const Beginning beginning = begin_after_crash(left, row.now);
    EXPECT_EQ(beginning.crash_times_ms, row.after);
    EXPECT_EQ(beginning.hold, row.hold);
  }
}

TEST(Beginning, ProbesComeBackUnlessTheirTimeIsOver) {
  engine::ProbeWish over = wish("p over"), left = wish("p left");
  over.expires_boottime_ms = 1000;
  left.expires_boottime_ms = 1001;
  left.name = "left_2";
  left.owner_uid = 5;
  left.disabled = true;
  const auto beginning = begin_after_crash(to_state({over, left, wish("p always")}, {}), 1000);
  ASSERT_EQ(beginning.wishes.size(), 2U);
  EXPECT_EQ(beginning.wishes[0].spec, "p left");
  EXPECT_EQ(beginning.wishes[0].name, "left_2") << "clients know it by that";
  EXPECT_EQ(beginning.wishes[0].owner_uid, 5U);
  EXPECT_TRUE(beginning.wishes[0].disabled);
  EXPECT_EQ(beginning.wishes[0].expires_boottime_ms, 1001U);
  EXPECT_EQ(beginning.wishes[1].spec, "p always");
}

}  // namespace
}  // namespace kprobed::daemon
