// SPDX-License-Identifier: Apache-2.0
#include "engine/governor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace kprobed::engine {
namespace {

// Round numbers: a recorded hit costs 1 us in all, a counted one 100 ns.
constexpr Prices kPrices{.recorded_ns = 600, .counted_ns = 100, .read_ns = 400};
constexpr Budget kBudget{.probe_share = 0.05, .total_share = 0.25, .events = 0, .line_bytes = 0};

TEST(Governor, CostIsWhatHitsCost) {
  EXPECT_DOUBLE_EQ(cost_share({.hits = 50'000}, kPrices, kEveryHit), 0.05);
  EXPECT_DOUBLE_EQ(cost_share({.hits = 100'000}, kPrices, kCountOnly), 0.01);
  EXPECT_DOUBLE_EQ(cost_share({.hits = 100'000}, kPrices, 2), 0.055);
  EXPECT_DOUBLE_EQ(cost_share({.hits = 100'000}, kPrices, kOff), 0);
}

TEST(Governor, TheFinestPeriodThatFits) {
  const struct {
    const char* what;
    Load load;
    std::uint64_t events, line_bytes;
    std::uint64_t wanted;
  } rows[] = {
      {"nothing", {.hits = 0}, 0, 0, kEveryHit},
      {"just within", {.hits = 50'000}, 0, 0, kEveryHit},
      {"over", {.hits = 51'000}, 0, 0, 2},
      {"twice", {.hits = 100'000}, 0, 0, 4},
      {"counting takes nearly all of it", {.hits = 450'000}, 0, 0, 128},
      {"counting alone is too dear", {.hits = 501'000}, 0, 0, kOff},
      {"only counting fits", {.hits = 499'950}, 0, 0, kCountOnly},
      {"all or nothing", {.hits = 51'000, .line_bytes = 0, .exact = true}, 0, 0, kCountOnly},
      {"a limit of events", {.hits = 10'000}, 1'000, 0, 16},
      {"a limit of bytes", {.hits = 10'000, .line_bytes = 250}, 0, 1'250'000, 2},
  };
  for (const auto& row : rows) {
    Budget budget = kBudget;
    budget.events = row.events;
    budget.line_bytes = row.line_bytes;
    EXPECT_EQ(fitting_period(row.load, kPrices, budget, budget.probe_share), row.wanted)
        << row.what;
  }
}

/// "1000 1000 | 64": the loads of looks one after the other, and the periods after each.
TEST(Governor, ActsAfterTwoLooksAndGoesBackSlowly) {
  Governor governor;
  const auto look = [&](double hits) {
    return governor.look({.hits = hits}, kPrices, kBudget, kBudget.probe_share);
  };
  EXPECT_EQ(look(40'000), 1u);
  EXPECT_EQ(look(200'000), 1u) << "a burst";
  EXPECT_EQ(look(40'000), 1u);
  EXPECT_EQ(look(200'000), 1u);
  const std::uint64_t sampled = look(200'000);
  EXPECT_GT(sampled, 1u) << "twice in a row";
  EXPECT_LE(cost_share({.hits = 200'000}, kPrices, sampled), kBudget.probe_share);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(look(200'000), sampled) << "it stays as long as the load";
  std::vector<std::uint64_t> back;
  for (int i = 0; i < 12; ++i) back.push_back(look(10'000));
  for (unsigned i = 0; i + 1 < Governor::kCalmLooks; ++i) EXPECT_EQ(back[i], sampled);
  EXPECT_EQ(back.back(), kEveryHit);
  for (std::size_t i = 1; i < back.size(); ++i) {
    EXPECT_TRUE(back[i] == back[i - 1] || back[i] == std::max<std::uint64_t>(back[i - 1] / 8, 1))
        << "one step at a time";
  }
}

TEST(Governor, EveryStepAndBack) {
  Governor governor;
  const auto settle = [&](double hits) {
    std::vector<std::string> words{std::string(level_word(governor.period()))};
    for (int i = 0; i < 40; ++i) {
      const std::string word(
          level_word(governor.look({.hits = hits}, kPrices, kBudget, kBudget.probe_share)));
      if (word != words.back()) words.push_back(word);
    }
    return words;
  };
  using Words = std::vector<std::string>;
  EXPECT_EQ(settle(10'000), (Words{"full"}));
  EXPECT_EQ(settle(200'000), (Words{"full", "sampled"}));
  EXPECT_EQ(settle(450'000), (Words{"sampled", "off"})) << "room is left: not just below the edge";
  EXPECT_EQ(settle(10), (Words{"off"})) << "only its owner, or time, lets it in again";
  governor.begin_at(kCountOnly);
  EXPECT_EQ(settle(300'000), (Words{"counted"})) << "a finer step would not fit in half of it";
  EXPECT_EQ(settle(10'000), (Words{"counted", "sampled", "full"}));
}

TEST(Governor, TogetherTheyGiveUpTheSamePart) {
  const struct {
    const char* what;
    std::vector<Cost> costs;
    double wanted;
  } rows[] = {
      {"nobody", {}, 1},
      {"all within", {{0.04, 0.05}, {0.05, 0.05}, {0.01, 0.05}}, 1},
      {"who is over its own budget will not be for long", {{0.9, 0.05}, {0.002, 0.05}}, 1},
      {"ten that are within theirs", std::vector<Cost>(10, {0.05, 0.05}), 0.5},
      {"ten that are over theirs", std::vector<Cost>(10, {0.5, 0.05}), 0.5},
      {"ten that share an event", {{0.5, 0.5}}, 0.5},
  };
  for (const auto& row : rows) {
    EXPECT_DOUBLE_EQ(common_scale(row.costs, kBudget), row.wanted) << row.what;
  }
}

TEST(Governor, ExactKnowsNoSampling) {
  Governor governor;
  const Load hot{.hits = 200'000, .line_bytes = 0, .exact = true};
  const Load cool{.hits = 1'000, .line_bytes = 0, .exact = true};
  std::vector<std::uint64_t> seen;
  for (int i = 0; i < 3; ++i) seen.push_back(governor.look(hot, kPrices, kBudget, 0.05));
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{kEveryHit, kCountOnly, kCountOnly}));
  for (unsigned i = 0; i < Governor::kCalmLooks; ++i) governor.look(cool, kPrices, kBudget, 0.05);
  EXPECT_EQ(governor.period(), kEveryHit);
}

}  // namespace
}  // namespace kprobed::engine
