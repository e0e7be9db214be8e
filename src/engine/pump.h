// SPDX-License-Identifier: Apache-2.0
//
// DESIGN 6: rings -> whole records -> plan by identifier -> time order -> sink. One round drains
// everything that happened before the round began. Nothing is allocated, looked up by name or
// logged per event.
#pragma once

#include <chrono>
#include <cstdint>

#include "engine/cpu_rings.h"
#include "engine/plan_table.h"
#include "stream/event_plan.h"
#include "stream/task_table.h"
#include "stream/time_merge.h"

namespace kprobed::engine {

/// How long an event may lie in its ring when too few come to wake the reader.
inline constexpr std::chrono::milliseconds kDrainEvery{10};
/// The same while many come: a millisecond's worth of them is work enough for one waking.
inline constexpr std::chrono::milliseconds kDrainBusyEvery{1};
/// So many in one round are many: some 10,000 a second either way.
inline constexpr std::size_t kBusyRecords = 100, kStillBusyRecords = 10;

/// Takes what the pump gives out, in order. Views are valid during the call only.
class Sink {
 public:
  virtual ~Sink() = default;
  /// False if the event's bytes contradict themselves (a string outside its record): counted
  /// malformed.
  virtual bool event(const stream::Event& event) = 0;
  virtual void lost(const stream::LostNote& note) = 0;
};

/// Each counted where it happens (DESIGN 8); none derived from others.
struct PumpCounts {
  std::uint64_t read = 0;            ///< samples of ours taken from the rings
  std::uint64_t published = 0;       ///< given to the sink
  std::uint64_t excluded = 0;        ///< caused by the excluded process
  std::uint64_t malformed = 0;       ///< records or samples refused
  std::uint64_t lost = 0;            ///< sum of PERF_RECORD_LOST in the probe rings
  std::uint64_t side_band_lost = 0;  ///< the same in the side-band rings: names, no events
  std::uint64_t unclaimed = 0;       ///< samples of a probe that is being removed
  std::uint64_t late = 0;            ///< published out of order
};

class Pump {
 public:
  /// Samples of the process `excluded_pid` are counted, not published (nothing we do may feed back
  /// on ourselves); 0 excludes nobody. `tasks` must outlive the pump.
  Pump(stream::TaskTable& tasks, std::uint32_t excluded_pid)
      : tasks_(tasks), excluded_pid_(excluded_pid) {}

  /// One round over `rings`: samples of the probes in `plans` go to `sink`, others are unclaimed.
  /// Returns the number of records taken.
  std::size_t drain(CpuRings& rings, const PlanTable& plans, Sink& sink);

  /// How full the fullest ring was when the last round began, in percent.
  unsigned ring_percent() const { return ring_percent_; }

  /// The next number of the stream, for a line that is not an event.
  std::uint64_t take_seq() { return ++seq_; }

  const PumpCounts& counts() const { return counts_; }

 private:
  void take(const decode::Record& record, bool late, bool side_band, const PlanTable& plans,
            Sink& sink);
  void take_sample(const decode::Sample& sample, bool late, const PlanTable& plans, Sink& sink);

  stream::TaskTable& tasks_;
  std::uint32_t excluded_pid_;
  stream::TimeMerge<ringbuf::RingReader> merge_;
  PumpCounts counts_;
  std::uint64_t seq_ = 0;
  unsigned ring_percent_ = 0;
};

}  // namespace kprobed::engine
