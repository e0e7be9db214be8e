// SPDX-License-Identifier: Apache-2.0
//
// How much a probe may cost, and what becomes of one that costs more. Pure arithmetic: who counts
// and who acts is ProbeTable (probe_governor.cc).
//
// A hit costs the probed code a price, and kprobed another one if it is recorded. Where both
// together are over the budget, the kernel records only one hit in N (PERF_EVENT_IOC_PERIOD on the
// live event, KERNEL-FACTS 30); where even counting is too dear, the probe leaves the kernel for a
// while. Every step is told, and taken back when the load has been low for some time.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace kprobed::engine {

/// What hits cost, in ns of CPU time.
struct Prices {
  double recorded_ns = 400;  ///< to the probed code, for a hit that is recorded
  double counted_ns = 200;   ///< ... for one that is only counted
  double read_ns = 200;      ///< to kprobed, for a record: ring, line, clients
};

struct Budget {
  double probe_share = 0.05;     ///< of one CPU, for each probe
  double total_share = 0.25;     ///< of one CPU, for all of them
  std::uint64_t events = 0;      ///< recorded per second and probe; 0: no limit
  std::uint64_t line_bytes = 0;  ///< the same in bytes of lines
  bool on = true;

  bool operator==(const Budget&) const = default;
};

/// How much of a probe is recorded, by the period that perf is given.
inline constexpr std::uint64_t kEveryHit = 1;
/// As far as one hit in so many is worth recording.
inline constexpr std::uint64_t kMostSampling = 4096;
inline constexpr std::uint64_t kCountOnly = std::uint64_t{1} << 62;
/// Out of the kernel.
inline constexpr std::uint64_t kOff = ~std::uint64_t{0};

/// "full", "sampled", "counted" or "off".
std::string_view level_word(std::uint64_t period);

/// What was seen of a probe over some time.
struct Load {
  double hits = 0;        ///< per second, after its condition
  double line_bytes = 0;  ///< of one event's line
  bool exact = false;     ///< all or nothing: it must not be sampled
};

/// The share of one CPU that it costs with that period.
double cost_share(const Load& load, const Prices& prices, std::uint64_t period);

/// The finest period (a power of two, kCountOnly or kOff) that keeps `load` within `share` of a CPU
/// and the other limits of `budget`.
std::uint64_t fitting_period(const Load& load, const Prices& prices, const Budget& budget,
                             double share);

/// What several that record together cost, and what they may cost by the budgets of probes alone.
struct Cost {
  double now = 0;     ///< shares of one CPU
  double budget = 0;  ///< probe_share for each of them
};
/// By how much all have to cost less than their own budgets let them, so that together they are
/// within the daemon's: 1 if they are. Who is over its own budget will cost no more than that soon,
/// which others need not pay for.
double common_scale(std::span<const Cost> costs, const Budget& budget);

/// One probe's governor: when to act, from looks some time apart.
class Governor {
 public:
  /// What to set now; the period that it has, if nothing is to change. A load that is over the
  /// budget at two looks in a row is one; a burst is not. Back it goes one step at a time, after
  /// `kCalmLooks` at which the finer step would have fitted in half of the budget.
  std::uint64_t look(const Load& load, const Prices& prices, const Budget& budget, double share);

  std::uint64_t period() const { return period_; }
  /// For one that comes back after it was off: counted at first.
  void begin_at(std::uint64_t period) { period_ = period; }

  static constexpr unsigned kHotLooks = 2, kCalmLooks = 5;

 private:
  std::uint64_t period_ = kEveryHit;
  unsigned hot_ = 0, calm_ = 0;
};

}  // namespace kprobed::engine
