// SPDX-License-Identifier: Apache-2.0
#include "engine/governor.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace kprobed::engine {

namespace {

/// Of the hits, how many are recorded.
double recorded_part(std::uint64_t period) {
  return period >= kCountOnly ? 0 : 1 / static_cast<double>(period);
}

bool fits(const Load& load, const Prices& prices, const Budget& budget, double share,
          std::uint64_t period) {
  const double recorded = load.hits * recorded_part(period);
  return cost_share(load, prices, period) <= share &&
         (budget.events == 0 || recorded <= static_cast<double>(budget.events)) &&
         (budget.line_bytes == 0 ||
          recorded * load.line_bytes <= static_cast<double>(budget.line_bytes));
}

/// The next finer one: three powers of two at once, or a calm probe would take minutes.
std::uint64_t finer(std::uint64_t period, bool exact) {
  if (period == kOff) return kCountOnly;
  if (exact) return kEveryHit;
  if (period == kCountOnly) return kMostSampling;
  return std::max(period / 8, kEveryHit);
}

}  // namespace

std::string_view level_word(std::uint64_t period) {
  if (period == kEveryHit) return "full";
  if (period == kOff) return "off";
  return period >= kCountOnly ? "counted" : "sampled";
}

double cost_share(const Load& load, const Prices& prices, std::uint64_t period) {
  if (period == kOff) return 0;
  const double part = recorded_part(period);
  const double hit_ns =
      part * (prices.recorded_ns + prices.read_ns) + (1 - part) * prices.counted_ns;
  return load.hits * hit_ns / 1e9;
}

std::uint64_t fitting_period(const Load& load, const Prices& prices, const Budget& budget,
                             double share) {
  const std::uint64_t most = load.exact ? kEveryHit : kMostSampling;
  for (std::uint64_t period = kEveryHit; period <= most; period *= 2) {
    if (fits(load, prices, budget, share, period)) return period;
  }
  return fits(load, prices, budget, share, kCountOnly) ? kCountOnly : kOff;
}

double common_scale(std::span<const Cost> costs, const Budget& budget) {
  double sum = 0;
  for (const Cost& one : costs) sum += std::min(one.now, one.budget);
  return sum > budget.total_share ? budget.total_share / sum : 1;
}

std::uint64_t Governor::look(const Load& load, const Prices& prices, const Budget& budget,
                             double share) {
  if (period_ == kOff) return period_;  // somebody else lets it in again
  if (!fits(load, prices, budget, share, period_)) {
    calm_ = 0;
    if (++hot_ < kHotLooks) return period_;
    hot_ = 0;
    // With some room, so that the next breath of load is no reason for the next step.
    constexpr double kRoom = 0.75;
    period_ = std::max(period_, fitting_period(load, prices, budget, share * kRoom));
    return period_;
  }
  hot_ = 0;
  if (period_ == kEveryHit) return period_;
  const std::uint64_t next = finer(period_, load.exact);
  if (!fits(load, prices, budget, share / 2, next)) {
    calm_ = 0;
    return period_;
  }
  if (++calm_ < kCalmLooks) return period_;
  // While it stays calm the next steps come at each look.
  calm_ = kCalmLooks;
  period_ = next;
  return period_;
}

}  // namespace kprobed::engine
