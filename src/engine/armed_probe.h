// SPDX-License-Identifier: Apache-2.0
//
// One probe in the kernel: its lines in kprobe_events (or uprobe_events, dynamic_events; none for
// an event that was there), its event open on every CPU, and the plan its records are read by.
// Destroying it undoes all of that, last step first.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/cpu_rings.h"
#include "engine/machine.h"
#include "resolve/kernel_line.h"
#include "resolve/resolved_probe.h"
#include "ringbuf/attached_event.h"
#include "stream/event_plan.h"
#include "tracefs/installed_probe.h"

namespace kprobed::engine {

/// Private names in tracefs. The event's is unique on the whole machine, since kprobe_profile has
/// no group column.
struct PrivateName {
  std::string group;
  std::string event;
};

class ArmedProbe {
 public:
  /// Writes the line or lines, opens the event on every CPU of `rings`, sets its filter, redirects
  /// it there; not yet enabled. Of a probe with members those that the kernel refuses for their
  /// place are left out (see refused()), as long as one is left. An Error carries the Span of the
  /// user's token that the kernel blamed.
  static Result<ArmedProbe> arm(const Machine& machine, const CpuRings& rings,
                                const resolve::ResolvedProbe& probe, const PrivateName& name,
                                std::string label);

  ArmedProbe(ArmedProbe&&) = default;
  ArmedProbe& operator=(ArmedProbe&&) = delete;  // would remove the old line with its event open

  Result<void> enable() { return event_.enable(); }
  Result<void> disable() { return event_.disable(); }

  /// CPUs that come and go: see AttachedEvent.
  Result<void> join(const ringbuf::RingTarget& ring) { return event_.join(ring); }
  UniqueFd leave(unsigned cpu) { return event_.leave(cpu); }

  std::shared_ptr<const stream::EventPlan> plan() const { return plan_; }
  /// A new plan, with the places of `probe`: the same functions elsewhere, since their module was
  /// loaded anew.
  void use_places(const resolve::ResolvedProbe& probe);

  /// Before its plan is given to a pump: its number in the log, and where its events are counted.
  void join_log(std::uint32_t number, std::shared_ptr<stream::ProbeTally> tally) {
    plan_->number = number;
    plan_->tally = std::move(tally);
  }
  const ringbuf::AttachedEvent& event() const { return event_; }
  /// See InstalledProbe.
  void tracefs_moved_to(const tracefs::Tracefs& tracefs) {
    if (installed_) installed_->moved_to(tracefs);
  }
  /// nullopt for an event that was there already.
  const std::optional<tracefs::InstalledProbe>& installed() const { return installed_; }
  /// As it was written to tracefs; of several lines the first; "" for an event that was there.
  const std::string& line() const { return line_; }
  /// How many lines it has in tracefs; 0 for an event that was there.
  std::size_t lines() const { return lines_; }
  /// Has it a condition?
  bool filtered() const { return filtered_; }
  /// Which members the kernel did not take, as a Remark; nullopt if it took all.
  const std::optional<resolve::Remark>& refused() const { return refused_; }

  /// Closes the descriptors, then removes the line. Waits for RCU (16 to 80 ms).
  static Result<void> disarm(ArmedProbe probe, std::chrono::milliseconds patience);

 private:
  ArmedProbe(std::optional<tracefs::InstalledProbe> installed, ringbuf::AttachedEvent event,
             std::shared_ptr<stream::EventPlan> plan)
      : installed_(std::move(installed)), event_(std::move(event)), plan_(std::move(plan)) {}

  // In this order: descriptors close before the line goes (EBUSY otherwise).
  std::optional<tracefs::InstalledProbe> installed_;
  ringbuf::AttachedEvent event_;
  std::shared_ptr<stream::EventPlan> plan_;  ///< shared with the plan tables
  std::string line_;
  std::optional<resolve::Remark> refused_;
  std::size_t lines_ = 0;
  bool filtered_ = false;
};

/// The kernel's refusal as an error about what the user typed.
Error refusal_error(const tracefs::Refusal& refusal, const resolve::KernelLine& line,
                    const resolve::ResolvedProbe& probe);

/// What to read from each record: the wanted fields in the user's order.
std::vector<decode::WantedField> wanted_fields(const resolve::ResolvedProbe& probe);

}  // namespace kprobed::engine
