// SPDX-License-Identifier: Apache-2.0
//
// ProbeTable and return probes whose function is run more often at a time than the kernel can
// follow: each run that has not returned yet takes one of `maxactive` places, and a call that finds
// none is missed. The kernel's default suits functions that do not sleep. A number in the spec
// (r20) is the user's, and stays.
#include <unistd.h>

#include <algorithm>

#include "base/format.h"
#include "engine/line_counts.h"
#include "engine/probe_entry.h"

namespace kprobed::engine {

namespace {

constexpr unsigned kMostActive = 4096;  // KRETPROBE_MAXACTIVE_MAX, kernel/trace/trace_kprobe.c

/// register_kretprobe() in kernel/kprobes.c; some kernels take less.
unsigned default_max_active() {
  const long cpus = ::sysconf(_SC_NPROCESSORS_CONF);
  return std::max(10u, 2 * static_cast<unsigned>(std::max(cpus, 1L)));
}

}  // namespace

void ProbeTable::check_misses() {
  const auto may_grow = [](const Entry& entry) {
    const resolve::ResolvedProbe& probe = entry.resolved;
    // What is sampled has enough to do; the new event would record every hit again.
    return entry.armed && entry.state == ProbeState::armed &&
           entry.armed->group().governor.period() == kEveryHit &&
           probe.source == resolve::EventSource::kprobe &&
           probe.spec.kind != probespec::ProbeKind::entry &&
           (probe.spec.max_active == 0 || entry.max_active != 0) && entry.max_active < kMostActive;
  };
  if (!machine_ || std::ranges::none_of(probes_, [&](const auto& one) { return may_grow(*one); })) {
    return;
  }
  const auto lines = LineBook::read(*machine_);
  if (!lines.ok()) return;
  for (const auto& entry : probes_) {
    if (!may_grow(*entry)) continue;
    const auto counts = lines->of(*entry->armed);
    if (!counts || !counts->missed) continue;
    const std::uint64_t before = std::exchange(entry->missed_then, *counts->missed);
    if (*counts->missed > before) raise_max_active(*entry, *counts->missed - before);
  }
}

void ProbeTable::raise_max_active(Entry& entry, std::uint64_t missed) {
  const unsigned now = entry.max_active != 0 ? entry.max_active : default_max_active();
  const unsigned next = std::min(2 * now, kMostActive);
  const unsigned old_active = std::exchange(entry.max_active, next);
  entry.resolved.spec.max_active = 0;
  if (!arm_beside(entry)) {
    entry.max_active = old_active;
    entry.resolved.spec.max_active = old_active;
    return;  // the next miss tries again
  }
  entry.missed_then = 0;
  if (!put_to_work(entry, "")) return;
  enter(entry, entry.state,
        format("missed {} calls, since more were running at a time than the kernel could follow: "
               "now {} at a time, not {}",
               missed, next, now));
}

}  // namespace kprobed::engine
