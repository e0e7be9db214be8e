// SPDX-License-Identifier: Apache-2.0
//
// ProbeTable's answers about its probes.
#include <malloc.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "engine/clocks.h"
#include "engine/line_counts.h"
#include "engine/probe_entry.h"

namespace kprobed::engine {

ProbeStatus ProbeTable::describe(const Entry& entry, EventCounts& asked) const {
  ProbeStatus status;
  status.name = entry.name;
  status.spec = entry.wish.spec;
  status.state = entry.state;
  status.reason = entry.reason;
  status.since_ns = entry.since_ns;
  status.added_ns = entry.added_ns;
  status.owner_uid = entry.wish.owner_uid;
  status.origin = entry.wish.origin;
  status.remarks = entry.resolved.remarks;
  if (entry.wish.expires_boottime_ms) {
    const std::uint64_t now = boottime_ms();
    const std::uint64_t end = std::max(*entry.wish.expires_boottime_ms, now);
    status.expires_in = std::chrono::milliseconds(end - now);
  }
  if (!entry.armed) return status;
  status.kernel_line = entry.armed->line();
  status.cpus = static_cast<unsigned>(entry.armed->event().cpus());
  status.published = entry.published();
  if (const std::uint64_t last = entry.tally->last_ns.load(std::memory_order_relaxed); last != 0) {
    const std::uint64_t now = monotonic_ns();
    status.last_hit_ns_ago = now > last ? now - last : 0;
  }
  if (entry.rate_before_ns != 0) {
    const auto seconds = static_cast<double>(monotonic_ns() - entry.rate_before_ns) / 1e9;
    status.rate = static_cast<double>(status.published - entry.rate_before_count) / seconds;
  }
  const EventGroup& group = entry.armed->group();
  status.period = group.governor.period();
  auto known = asked.find(&group);
  if (known == asked.end()) known = asked.emplace(&group, group.event().counts()).first;
  if (const Result<ringbuf::EventCounts>& counts = known->second; counts.ok()) {
    // perf counts what an event has lost, not whose of those that share it that was.
    if (counts->has_lost && (group.probes() == 1 || counts->lost == 0)) status.lost = counts->lost;
    if (!has_profile(*entry.armed)) status.hits = counts->hits;
  }
  return status;
}

void ProbeTable::add_profile(std::vector<ProbeStatus>& all,
                             const std::vector<const Entry*>& entries) const {
  if (!machine_) return;
  const auto book = LineBook::read(*machine_);
  if (!book.ok()) return;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!entries[i]->armed) continue;
    const auto counts = book->of(*entries[i]->armed);
    if (!counts) continue;
    all[i].hits = counts->hits;
    all[i].missed = counts->missed;
  }
}

std::vector<ProbeStatus> ProbeTable::list() {
  std::vector<std::string> names;
  for (const auto& entry : probes_) names.push_back(entry->name);
  return list(names);
}

std::vector<ProbeStatus> ProbeTable::list(const std::vector<std::string>& names) {
  const std::set<std::string> wanted(names.begin(), names.end());
  std::vector<ProbeStatus> all;
  std::vector<const Entry*> entries;
  EventCounts counts;
  for (const auto& entry : probes_) {
    if (!wanted.contains(entry->name)) continue;
    all.push_back(describe(*entry, counts));
    entries.push_back(entry.get());
  }
  add_profile(all, entries);
  return all;
}

EngineStatus ProbeTable::status() {
  EngineStatus status = taken();
  if (pump_) {
    ring_peak_ = std::max(ring_peak_, pump_->take_ring_peak());
    status.ring_peak_percent = std::max(ring_peak_, ring_peak_before_);
    status.counts = pump_->counts();
  }
  status.probes = list();
  status.removing = graveyard_.size();
  return status;
}

std::vector<ProbeWish> ProbeTable::wishes() const {
  std::vector<ProbeWish> all;
  for (const auto& entry : probes_) {
    // Of a request that is not over, and may still be refused: its end saves them.
    if (entry->batch == 0) all.push_back(entry->wish);
  }
  return all;
}

void ProbeTable::watch_binaries() {
  for (const auto& entry : probes_) {
    const resolve::ResolvedProbe& probe = entry->resolved;
    if (!entry->armed || probe.path.empty() || !entry->reason.empty()) continue;
    // A uprobe stays with the inode: who installs a new file under that name is not probed.
    struct stat now {};
    const bool there = ::stat(probe.path.c_str(), &now) == 0;
    if (there && now.st_dev == probe.device && now.st_ino == probe.inode) continue;
    enter(*entry, entry->state,
          there ? format("'{}' has been replaced; the probe is in the old file. Remove and add "
                         "it for the new one",
                         probe.path)
                : format("'{}' is gone; the probe is in what still runs of it", probe.path));
  }
}

void ProbeTable::release_types() {
  constexpr std::uint64_t kKeepNs = 10'000'000'000;
  if (!holds_types() || monotonic_ns() - types_since_ns_ < kKeepNs) return;
  const bool adding = std::ranges::any_of(addings_, [](const auto& one) { return !one.expired(); });
  if (!adding) machine_->kernel->release_types();
}

void ProbeTable::give_back_memory() {
  // The C library keeps what was freed between pieces that are in use: some 10 MB after a flood.
  constexpr std::uint64_t kFlood = 200'000, kCalm = 50'000;  // within kRateEveryNs
  if (!pump_) return;
  const std::uint64_t read = pump_->counts().read;
  const std::uint64_t fresh = read - std::exchange(flood_read_, read);
  if (fresh >= kFlood) flooded_ = true;
  if (fresh < kCalm && std::exchange(flooded_, false)) ::malloc_trim(0);
}

void ProbeTable::note_rates() {
  watch_binaries();
  check_misses();
  ring_peak_before_ = std::exchange(ring_peak_, 0u);
  if (pump_) ring_peak_before_ = std::max(ring_peak_before_, pump_->take_ring_peak());
  const std::uint64_t now = monotonic_ns();
  for (const auto& entry : probes_) {
    entry->rate_before_count = entry->rate_count;
    entry->rate_before_ns = entry->rate_ns;
    entry->rate_count = entry->published();
    entry->rate_ns = now;
  }
}

}  // namespace kprobed::engine
