// SPDX-License-Identifier: Apache-2.0
//
// ProbeTable and CPUs that come and go. The kernel detaches a CPU's events when it goes offline,
// for good and without a word (perf_event_exit_cpu_context, kernel/events/core.c); what is in their
// ring stays readable. After suspend that has happened to every CPU but one, with no message at
// all: so the leaders are asked how long they have been alive (KERNEL-FACTS 27).
#include <algorithm>

#include "base/format.h"
#include "engine/clocks.h"
#include "engine/probe_entry.h"
#include "ringbuf/cpu_list.h"

namespace kprobed::engine {

namespace {
/// Between two looks at a leader's time: it is read with some delay, and grows by the same clock.
constexpr std::uint64_t kLeastNs = 500'000'000;
}  // namespace

bool ProbeTable::stands_still(const CpuRing& ring) {
  const auto alive = ring.bulk.alive_ns();
  if (!alive.ok()) return true;
  const std::uint64_t now = monotonic_ns();
  RingPulse& pulse = pulses_[ring.cpu()];
  if (pulse.at_ns != 0 && now - pulse.at_ns < kLeastNs) return false;
  const bool still = pulse.at_ns != 0 && *alive == pulse.alive_ns;
  pulse = {.alive_ns = *alive, .at_ns = now};
  return still;
}

void ProbeTable::check_cpus() {
  if (!pump_) return;
  auto online = ringbuf::online_cpus();
  if (!online.ok()) return;
  std::erase_if(*online, [this](unsigned cpu) { return !rings_.wants(cpu); });
  const auto is_online = [&](unsigned cpu) { return std::ranges::binary_search(*online, cpu); };
  std::vector<unsigned> lost;
  for (const auto& ring : rings_.all()) {
    if (!is_online(ring->cpu()) || stands_still(*ring)) lost.push_back(ring->cpu());
  }
  for (const unsigned cpu : lost) lose_cpu(cpu);
  for (const unsigned cpu : *online) {
    if (rings_.has(cpu)) continue;
    const bool again = std::ranges::find(lost, cpu) != lost.end();
    gain_cpu(cpu, again ? "its events had ended: it was offline, or the machine slept" : "");
  }
  join_rings();
}

void ProbeTable::cpu_changed(const watch::CpuChanged& change) {
  // It may be back already: what its rings were is dead all the same.
  if (!change.online && rings_.has(change.cpu)) lose_cpu(change.cpu);
  check_cpus();
}

void ProbeTable::lose_cpu(unsigned cpu) {
  CpuRings left = rings_;
  left.remove(cpu);
  pump_->use_rings(left);
  // From here on all that the kernel had delivered is in the log, and only this thread knows the
  // old rings.
  pump_->settle();
  rings_ = std::move(left);
  pulses_.erase(cpu);
  for (const auto& entry : probes_) {
    if (!entry->armed) continue;
    if (entry->armed->event().is_on(cpu)) keep_losses(entry->armed->group(), cpu);
    // Closing waits for RCU, once a probe.
    for (UniqueFd& closing : entry->armed->group().leave(cpu)) {
      graveyard_.push_back({.probe = nullptr, .descriptor = std::move(closing), .ticket = nullptr});
    }
  }
  for (HeardModuleEvent& heard : module_events_) (void)heard.attached.leave(cpu);
  tell_losses();  // its ring will say no more
  publish_plans();
  announce_cpu(cpu, "offline", "");
}

void ProbeTable::gain_cpu(unsigned cpu, std::string reason) {
  CpuRings more = rings_;
  // The next look tries again; what it costs meanwhile is said once.
  if (const auto added = more.add(cpu); !added.ok()) {
    if (added.error().sys_errno == ENODEV || !blind_cpus_.insert(cpu).second) return;
    announce_cpu(cpu, "offline", "its events are not seen: " + kprobed::describe(added.error()));
    return;
  }
  blind_cpus_.erase(cpu);
  rings_ = std::move(more);
  pump_->use_rings(rings_);
  announce_cpu(cpu, "online", std::move(reason));
}

void ProbeTable::announce_cpu(unsigned cpu, std::string state, std::string reason) {
  pump_->announce(stream::CpuNote{.seq = 0,
                                  .time_ns = monotonic_ns(),
                                  .cpu = cpu,
                                  .state = std::move(state),
                                  .reason = std::move(reason)});
}

void ProbeTable::join_rings() {
  std::vector<Entry*> joined;
  std::set<const EventGroup*> short_of_cpus;
  for (const auto& entry : probes_) {
    if (!entry->armed) continue;
    EventGroup& group = entry->armed->group();
    const std::vector<ringbuf::RingTarget> targets = rings_.targets(group.lane());
    // Those that share an event are opened on the newcomer once, and then all enabled.
    const bool silent = may_record(entry->state) && !group.enabled();  // somewhere, by a refusal
    if (group.event().cpus() == targets.size() && !short_of_cpus.contains(&group) && !silent) {
      continue;
    }
    short_of_cpus.insert(&group);
    Result<void> done;
    for (const ringbuf::RingTarget& target : targets) {
      if (done = group.join(target); !done.ok()) break;
    }
    joined.push_back(entry.get());
    const bool missing = !done.ok() && done.error().sys_errno != ENODEV;
    if (missing != entry->misses_cpus) {
      entry->misses_cpus = missing;
      enter(*entry, entry->state,
            missing ? format("only on {} of {} CPUs: {}", entry->armed->event().cpus(),
                             targets.size(), done.error().message)
                    : std::string());
    }
  }
  for (HeardModuleEvent& heard : module_events_) {
    if (heard.attached.cpus() == rings_.cpus()) continue;
    for (const ringbuf::RingTarget& target : rings_.side_band_rings()) {
      (void)heard.attached.join(target);
    }
    (void)heard.attached.enable();
  }
  if (joined.empty()) return;
  publish_plans();  // before the first sample can come
  (void)enable(joined);
}

}  // namespace kprobed::engine
