// SPDX-License-Identifier: Apache-2.0
//
// One probe in the kernel: its line in kprobe_events, its event open on every CPU, and the plan its
// records are read by. Destroying it undoes all of that, last step first.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

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
  /// Writes the line, opens the event on every CPU of `rings`, redirects it there; not yet enabled.
  /// An Error carries the Span of the user's token that the kernel blamed.
  static Result<ArmedProbe> arm(const Machine& machine, const CpuRings& rings,
                                const resolve::ResolvedProbe& probe, const PrivateName& name,
                                std::string label);

  ArmedProbe(ArmedProbe&&) = default;
  ArmedProbe& operator=(ArmedProbe&&) = delete;  // would remove the old line with its event open

  Result<void> enable() { return event_.enable(); }
  Result<void> disable() { return event_.disable(); }

  std::shared_ptr<const stream::EventPlan> plan() const { return plan_; }

  /// Before its plan is given to a pump: its number in the log, and where its events are counted.
  void join_log(std::uint32_t number, std::shared_ptr<stream::ProbeTally> tally) {
    plan_->number = number;
    plan_->tally = std::move(tally);
  }
  const ringbuf::AttachedEvent& event() const { return event_; }
  const tracefs::InstalledProbe& installed() const { return installed_; }
  /// As it was written to kprobe_events.
  const std::string& line() const { return line_; }

  /// Closes the descriptors, then removes the line. Waits for RCU (16 to 80 ms).
  static Result<void> disarm(ArmedProbe probe, std::chrono::milliseconds patience);

 private:
  ArmedProbe(tracefs::InstalledProbe installed, ringbuf::AttachedEvent event,
             std::shared_ptr<stream::EventPlan> plan, std::string line)
      : installed_(std::move(installed)),
        event_(std::move(event)),
        plan_(std::move(plan)),
        line_(std::move(line)) {}

  // In this order: descriptors close before the line goes (EBUSY otherwise).
  tracefs::InstalledProbe installed_;
  ringbuf::AttachedEvent event_;
  std::shared_ptr<stream::EventPlan> plan_;  ///< shared with the plan tables
  std::string line_;
};

/// The kernel's refusal as an error about what the user typed.
Error refusal_error(const tracefs::Refusal& refusal, const resolve::KernelLine& line,
                    const resolve::ResolvedProbe& probe);

/// What to read from each record: the wanted fields in the user's order.
std::vector<decode::WantedField> wanted_fields(const resolve::ResolvedProbe& probe);

}  // namespace kprobed::engine
