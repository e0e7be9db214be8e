// SPDX-License-Identifier: Apache-2.0
//
// From PERF_SAMPLE_IDENTIFIER to what is known about the probe that wrote the sample. (Never from
// common_type: the kernel reuses those ids at once, KERNEL-FACTS trap 17.)
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "engine/module_event.h"
#include "engine/module_gate.h"
#include "stream/event_plan.h"

namespace kprobed::engine {

/// The probes that share one event: a sample says by its address which of them it is of.
class GroupPlans {
 public:
  /// All of them have the same record; `address` as of ArmedProbe.
  void add(std::uint64_t address, std::shared_ptr<const stream::EventPlan> plan);
  /// One that is being removed: its samples are counted in `tally`, and given to nobody.
  void add_leaving(std::uint64_t address, std::shared_ptr<stream::ProbeTally> tally);
  /// Where samples of an address that none of them has are counted.
  void count_strays(std::shared_ptr<stream::ProbeTally> tally) { strays_ = std::move(tally); }
  /// Once all have been added.
  void settle();
  /// nullptr if it is none of theirs (any more), or `raw` has no address.
  const stream::EventPlan* find(Bytes raw) const {
    const Member* member = member_of(raw);
    return member != nullptr ? member->plan.get() : nullptr;
  }
  /// Counts a sample that find() knows no plan for.
  void leave_unclaimed(Bytes raw) const;

 private:
  struct Member {
    std::uint64_t address = 0;
    std::shared_ptr<const stream::EventPlan> plan;  ///< null: it is leaving
    std::shared_ptr<stream::ProbeTally> tally;
  };
  const Member* member_of(Bytes raw) const;

  std::shared_ptr<stream::ProbeTally> strays_;
  std::vector<Member> members_;  ///< by address
  std::optional<std::uint32_t> address_at_;
  std::size_t word_bytes_ = 8;
  ByteOrder order_ = kHostOrder;
};

class PlanTable {
 public:
  struct Row {
    std::uint64_t id = 0;
    std::shared_ptr<const stream::EventPlan> plan;  ///< null where `group` says
    std::shared_ptr<const GroupPlans> group;        ///< of an event that several share; else null
    /// Of a probe in a module: what its samples must pass. Else null.
    std::shared_ptr<ModuleGate> gate;

    /// Of the sample with this raw data; nullptr if nobody's.
    const stream::EventPlan* plan_of(Bytes raw) const {
      return group ? group->find(raw) : plan.get();
    }
  };

  void add(std::uint64_t perf_id, std::shared_ptr<const stream::EventPlan> plan,
           std::shared_ptr<ModuleGate> gate = nullptr);
  void add(std::uint64_t perf_id, std::shared_ptr<const GroupPlans> group);
  /// Hears of its module, whether or not one of its probes may record now.
  void add_gate(const std::shared_ptr<ModuleGate>& gate);
  void remove(const stream::EventPlan* plan);

  /// nullptr for an id that is not ours (any more).
  const Row* find(std::uint64_t perf_id) const;

  bool empty() const { return rows_.empty(); }

  /// Is there one in the bulk rings, whose samples nobody announces before there are many?
  bool needs_timer() const { return needs_timer_; }
  void need_timer() { needs_timer_ = true; }

  /// What the kernel says of modules: samples of its own tracepoints, in the side-band rings.
  void hear_modules(const std::vector<std::uint64_t>& perf_ids,
                    std::shared_ptr<const ModuleEvent> event);
  /// nullptr for any other id.
  const ModuleEvent* module_event(std::uint64_t perf_id) const;
  /// Those of the rows and those that were added alone, each once.
  const std::vector<std::shared_ptr<ModuleGate>>& gates() const { return gates_; }

 private:
  /// Sorted by id: perf hands ids out in ascending order, so adding mostly appends.
  std::vector<Row> rows_;
  bool needs_timer_ = false;
  std::vector<std::shared_ptr<ModuleGate>> gates_;
  std::vector<std::pair<std::uint64_t, std::shared_ptr<const ModuleEvent>>> module_events_;
};

}  // namespace kprobed::engine
