// SPDX-License-Identifier: Apache-2.0
//
// One probe in the kernel: its lines in kprobe_events (or uprobe_events, dynamic_events; none for
// an event that was there), its event open on every CPU, which it may share with others, and the
// plan its records are read by. Destroying the last one of an event undoes all of that, last step
// first.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/cpu_rings.h"
#include "engine/event_group.h"
#include "engine/machine.h"
#include "resolve/kernel_line.h"
#include "resolve/resolved_probe.h"
#include "stream/event_plan.h"

namespace kprobed::engine {

/// Private names in tracefs. The event's is unique on the whole machine, since kprobe_profile has
/// no group column.
struct PrivateName {
  std::string group;
  std::string event;
};

struct ArmAccount;

class ArmedProbe {
 public:
  /// Writes the line or lines, opens the event on every CPU of `rings`, sets its filter, redirects
  /// it into the rings of `lane`; not yet enabled. Of a probe with members those that the kernel
  /// refuses for their place are left out (see refused()), as long as one is left. An Error carries
  /// the Span of the user's token that the kernel blamed.
  static Result<ArmedProbe> arm(const Machine& machine, const CpuRings& rings, Lane lane,
                                const resolve::ResolvedProbe& probe, const PrivateName& name,
                                std::string label);

  /// As one more probe of `group`, which takes() its address and was made for a probe of the same
  /// group_signature(). If the group's event is enabled, samples come at once: they are unclaimed
  /// until the plan is known. After an error it may still be armed with an event of its own.
  static Result<ArmedProbe> join(std::shared_ptr<EventGroup> group, const Machine& machine,
                                 const resolve::ResolvedProbe& probe, std::string label);

  ArmedProbe(ArmedProbe&&) = default;
  ArmedProbe& operator=(ArmedProbe&&) = delete;  // would remove the old line with its event open

  Result<void> enable() { return group_->enable(); }
  /// With it all that share its event.
  Result<void> disable() { return group_->disable(); }

  EventGroup& group() { return *group_; }
  const EventGroup& group() const { return *group_; }
  const std::shared_ptr<EventGroup>& shared_group() const { return group_; }
  /// What its samples' address is compared with; 0 where it has its event for itself.
  std::uint64_t address() const { return address_; }

  std::shared_ptr<const stream::EventPlan> plan() const { return plan_; }
  /// A new plan, with the places of `probe`: the same functions elsewhere, since their module was
  /// loaded anew.
  void use_places(const resolve::ResolvedProbe& probe);

  /// Before its plan is given to a pump: its number in the log, and where its events are counted.
  void join_log(std::uint32_t number, std::shared_ptr<stream::ProbeTally> tally) {
    plan_->number = number;
    plan_->tally = std::move(tally);
  }
  /// Is nobody else in its event?
  bool alone() const { return group_.use_count() == 1; }
  std::shared_ptr<ArmAccount> account;  ///< null where nobody asks

  const ringbuf::AttachedEvent& event() const { return group_->event(); }
  /// nullopt for an event that was there already.
  const std::optional<tracefs::InstalledProbe>& installed() const { return group_->installed(); }
  /// As it was written to tracefs; of several lines the first; "" for an event that was there.
  const std::string& line() const { return line_; }
  /// Where its only line stands, as the kernel lists it; "" where it has none or several.
  const std::string& place() const { return place_; }
  /// Has it a condition?
  bool filtered() const { return filtered_; }
  /// Which members the kernel did not take, as a Remark; nullopt if it took all.
  const std::optional<resolve::Remark>& refused() const { return refused_; }

  /// Removes the line; of the last probe of an event, closes the descriptors before that. Waits for
  /// RCU (16 to 80 ms).
  static Result<void> disarm(ArmedProbe probe, std::chrono::milliseconds patience);

 private:
  ArmedProbe(std::shared_ptr<EventGroup> group, std::shared_ptr<stream::EventPlan> plan)
      : group_(std::move(group)), plan_(std::move(plan)) {}

  std::shared_ptr<EventGroup> group_;
  std::shared_ptr<stream::EventPlan> plan_;  ///< shared with the plan tables
  std::uint64_t address_ = 0;
  std::string line_, place_;
  std::optional<resolve::Remark> refused_;
  bool filtered_ = false;
};

/// The kernel's refusal as an error about what the user typed.
Error refusal_error(const tracefs::Refusal& refusal, const resolve::KernelLine& line,
                    const resolve::ResolvedProbe& probe);

/// What to read from each record: the wanted fields in the user's order.
std::vector<decode::WantedField> wanted_fields(const resolve::ResolvedProbe& probe);

}  // namespace kprobed::engine
