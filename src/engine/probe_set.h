// SPDX-License-Identifier: Apache-2.0
//
// Several probes armed together, all or none, in one group of ours: what `kprobectl run` holds.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/armed_probe.h"
#include "engine/cpu_rings.h"
#include "engine/plan_table.h"
#include "resolve/resolved_probe.h"

namespace kprobed::engine {

/// What became of one probe, read from the kernel at rest.
struct ProbeOutcome {
  std::string label;
  bool filtered = false;                ///< it has a condition
  std::optional<std::uint64_t> hits;    ///< kprobe_profile; unknown for what has no profile
  std::optional<std::uint64_t> missed;  ///< kprobe_profile: the kernel could not run the probe
  std::uint64_t lost = 0;               ///< PERF_FORMAT_LOST: found no room in a ring
  bool lost_known = false;              ///< kernels before 6.0 cannot tell
};

class ProbeSet {
 public:
  /// `group` is ours alone; events in it are called `prefix` and a number.
  ProbeSet(std::string group, std::string prefix)
      : group_(std::move(group)), prefix_(std::move(prefix)) {}

  /// Arms all of `probes` (whose padding is settled: engine/zeroing.h), in order, and enables them
  /// once all are there. On an Error nothing is
  /// left in the kernel. `progress(done, all)`, if given, is called after each; false takes all
  /// back and gives `cancelled`.
  Result<void> arm(const Machine& machine, const CpuRings& rings,
                   const std::vector<resolve::ResolvedProbe>& probes,
                   const std::function<bool(std::size_t done, std::size_t all)>& progress);

  const PlanTable& plans() const { return plans_; }
  const std::vector<ArmedProbe>& probes() const { return probes_; }

  /// No more events from now on; what is in the rings stays there.
  Result<void> disable();

  /// Asks the kernel's counters. After disable() they stand still.
  std::vector<ProbeOutcome> outcomes() const;

  /// Removes everything. Goes on after a failure; returns the first.
  Result<void> disarm(std::chrono::milliseconds patience);

 private:
  std::string group_, prefix_;
  std::vector<ArmedProbe> probes_;
  PlanTable plans_;
  std::set<std::string> labels_;
};

}  // namespace kprobed::engine
