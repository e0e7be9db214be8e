// SPDX-License-Identifier: Apache-2.0
//
// DESIGN 6: rings -> whole records -> plan by identifier -> time order -> sink. One round drains
// everything that happened before the round began. Nothing is allocated, looked up by name or
// logged per event.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/cpu_rings.h"
#include "engine/held_samples.h"
#include "engine/plan_table.h"
#include "stream/event_plan.h"
#include "stream/task_table.h"
#include "stream/time_merge.h"

namespace kprobed::engine {

/// How long an event may lie in its ring when too few come to wake the reader.
inline constexpr std::chrono::milliseconds kDrainEvery{10};
/// The same while many come: 70 of them and more are work enough for one waking, and with that and
/// a round's time nobody waits for more than some millisecond.
inline constexpr std::chrono::microseconds kDrainBusyEvery{700};
/// So many within kDrainEvery are many, and so many are still many: 10,000 and 5,000 a second.
inline constexpr std::size_t kBusyRecords = 100, kStillBusyRecords = 50;

/// Takes what the pump gives out, in order. Views are valid during the call only.
class Sink {
 public:
  virtual ~Sink() = default;
  /// False if the event's bytes contradict themselves (a string outside its record): counted
  /// malformed.
  virtual bool event(const stream::Event& event) = 0;
  virtual void lost(const stream::LostNote& note) = 0;
  /// Only of probes in modules, whose samples pass a ModuleGate.
  virtual void discarded(const stream::DiscardedNote&, std::uint32_t /*number*/) {}
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
  std::uint64_t discarded = 0;       ///< of a module's build that their probe was not meant for
  std::uint64_t held = 0;            ///< now: it is not known yet of which build they are
};

struct CpuLost {
  unsigned cpu = 0;
  std::uint64_t lost = 0;
};

class Pump {
 public:
  /// Samples of the process `excluded_pid` are counted, not published (nothing we do may feed back
  /// on ourselves); 0 excludes nobody. `tasks` must outlive the pump.
  /// `hide`: so many samples are overlooked, for the test that a ledger finds them.
  Pump(stream::TaskTable& tasks, std::uint32_t excluded_pid, std::uint64_t hide = 0)
      : tasks_(tasks), excluded_pid_(excluded_pid), hide_(hide) {}

  /// One round over `rings`: samples of the probes in `plans` go to `sink`, others are unclaimed.
  /// Those of probes in modules pass the module's gate; what is shut out or held there is given out
  /// or told of by release_held(). Returns the number of records taken.
  std::size_t drain(CpuRings& rings, const PlanTable& plans, Sink& sink);

  /// Gives out or discards what waited and waits no more: by the plans of now, since functions of a
  /// module lie elsewhere at each load; what has no plan any more is discarded. After
  /// ModuleGate::judge() and close(). `last`: nobody will ask again.
  void release_held(const PlanTable& plans, Sink& sink, bool last = false);
  /// The kernel's counters say that `total` events have found no room in the rings of `cpu` so far.
  /// What of that has not been told yet is told now, and not again when the kernel says it, which
  /// it does only with the next record. After a drain() that began later than the counters were
  /// read.
  void settle_lost(unsigned cpu, std::uint64_t total, Sink& sink);
  /// Those rings are closed: nothing more is told by them.
  void forget_rings(const CpuRings& rings);
  /// Has a ring been so full, since the last call, that something may have found no room?
  bool take_pressed() { return std::exchange(pressed_, false); }
  /// What `lost` lines have told so far, by CPU.
  std::vector<CpuLost> lost_by_cpu() const;

  /// Modules that were heard to be loaded since the last call, and have a gate. With an empty name
  /// among them: records about modules were lost, any of them may have come or gone.
  std::vector<std::string> take_loaded() { return std::exchange(loaded_, {}); }

  /// Samples that came through the rings which wake at each, since the last call.
  std::uint64_t take_fast() { return std::exchange(fast_, 0); }

  /// How full the fullest ring was when the last round began, in percent.
  unsigned ring_percent() const { return ring_percent_; }

  /// The next number of the stream, for a line that is not an event.
  std::uint64_t take_seq() { return ++seq_; }

  const PumpCounts& counts() const { return counts_; }

 private:
  void pass_over(Bytes bytes, const PlanTable& plans);
  void take(const decode::Record& record, bool late, bool side_band, const PlanTable& plans,
            Sink& sink);
  void take_sample(const decode::Sample& sample, bool late, const PlanTable& plans, Sink& sink);
  void take_module_event(const ModuleEvent& event, const decode::Sample& sample,
                         const PlanTable& plans);
  void hold(const PlanTable::Row& row, const decode::Sample& sample);
  void discard(const std::shared_ptr<const stream::EventPlan>& plan);
  void publish(const stream::Event& event, Sink& sink);

  struct LostBook {
    std::uint64_t told = 0;
    std::uint64_t ahead = 0;  ///< of those: before the kernel's record about them came
  };
  LostBook& lost_of(unsigned cpu);

  stream::TaskTable& tasks_;
  std::uint32_t excluded_pid_;
  std::uint64_t hide_;
  std::vector<LostBook> lost_;  ///< by CPU
  bool pressed_ = false;
  stream::TimeMerge<ringbuf::RingReader> merge_;
  HeldSamples held_;
  /// Discarded since the last release_held(), by probe.
  std::vector<std::pair<std::shared_ptr<const stream::EventPlan>, std::uint64_t>> shut_out_;
  std::uint64_t shut_out_told_ns_ = 0;
  std::vector<std::string> loaded_;
  PumpCounts counts_;
  std::uint64_t seq_ = 0;
  unsigned ring_percent_ = 0;
  std::uint64_t fast_ = 0;
};

}  // namespace kprobed::engine
