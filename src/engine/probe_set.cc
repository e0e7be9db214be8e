// SPDX-License-Identifier: Apache-2.0
#include "engine/probe_set.h"

#include "base/format.h"
#include "engine/probe_names.h"

namespace kprobed::engine {

Result<void> ProbeSet::arm(const Machine& machine, const CpuRings& rings,
                           const std::vector<resolve::ResolvedProbe>& probes,
                           const std::function<bool(std::size_t, std::size_t)>& progress) {
  const auto undo = [this](Error error) -> Error {
    // What could not be removed now is an orphan of this process and goes with the next sweep.
    (void)disarm(std::chrono::seconds(2));
    return error;
  };
  for (const resolve::ResolvedProbe& probe : probes) {
    const PrivateName name{group_, format("{}{}", prefix_, probes_.size() + 1)};
    auto armed = ArmedProbe::arm(machine, rings, Lane::bulk, probe, name,
                                 unique_probe_name(default_probe_name(probe.spec), labels_));
    if (!armed.ok()) return undo(std::move(armed).error());
    probes_.push_back(std::move(armed).value());
    if (progress && !progress(probes_.size(), probes.size())) {
      return undo(Error(ErrorCode::cancelled, "cancelled while arming"));
    }
  }
  for (ArmedProbe& probe : probes_) {
    for (const std::uint64_t id : probe.event().ids()) plans_.add(id, probe.plan());
  }
  for (ArmedProbe& probe : probes_) {
    auto enabled = probe.enable();
    if (!enabled.ok()) {
      return undo(
          std::move(enabled).error().while_doing(format("enable '{}'", probe.plan()->label.name)));
    }
  }
  return {};
}

Result<void> ProbeSet::disable() {
  Result<void> first;
  for (ArmedProbe& probe : probes_) {
    auto disabled = probe.disable();
    if (!disabled.ok() && first.ok()) first = std::move(disabled);
  }
  return first;
}

std::vector<ProbeOutcome> ProbeSet::outcomes() const {
  std::vector<ProbeOutcome> all;
  for (const ArmedProbe& probe : probes_) {
    ProbeOutcome outcome;
    outcome.label = probe.plan()->label.name;
    outcome.filtered = probe.filtered();
    if (probe.installed()) {
      if (auto profile = probe.installed()->profile(); profile.ok()) {
        outcome.hits = profile->hits;
        outcome.missed = profile->missed;
      }
    }
    if (auto counts = probe.event().counts(); counts.ok()) {
      if (!outcome.hits) outcome.hits = counts->hits;
      outcome.lost = counts->lost;
      outcome.lost_known = counts->has_lost;
    }
    all.push_back(std::move(outcome));
  }
  return all;
}

Result<void> ProbeSet::disarm(std::chrono::milliseconds patience) {
  Result<void> first;
  for (ArmedProbe& probe : probes_) {
    plans_.remove(probe.plan().get());
    auto removed = ArmedProbe::disarm(std::move(probe), patience);
    if (!removed.ok() && first.ok()) first = std::move(removed);
  }
  probes_.clear();
  return first;
}

}  // namespace kprobed::engine
