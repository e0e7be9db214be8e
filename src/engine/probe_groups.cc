// SPDX-License-Identifier: Apache-2.0
//
// ProbeTable's events: which probes share one, and which of a CPU's rings they write into. A sample
// in a fast ring wakes the pump at once, for which the probed code pays 15 us, and more the more
// events write into that ring, since the kernel walks them all (KERNEL-FACTS 28). So only rare ones
// are there, and not too many. What gets busy is moved within some 50 ms, and back once it has been
// quiet for a while.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "engine/clocks.h"
#include "engine/probe_entry.h"

namespace kprobed::engine {

namespace {

/// So many events per fast ring. The kernel walks them at each wakeup (perf_event_wakeup(),
/// ring_buffer_wakeup()): 64 made a hit of 29 us one of 32.
constexpr std::size_t kMostFast = 48;
/// Samples a second that all probes in the fast rings together may bring: 3 % of a CPU.
constexpr double kMostFastRate = 2'000;
/// A probe that brings less for a while goes back.
constexpr double kQuietRate = 500;
constexpr std::uint64_t kQuietNs = 2'000'000'000;
/// Moves back at one look, each of which waits for RCU.
constexpr std::size_t kCalmAtOnce = 4;

double per_second(std::uint64_t count, std::uint64_t ns) {
  return ns == 0 ? 0 : static_cast<double>(count) * 1e9 / static_cast<double>(ns);
}

}  // namespace

std::vector<ProbeTable::GroupReads> ProbeTable::groups() const {
  std::vector<GroupReads> all;
  std::unordered_map<const EventGroup*, std::size_t> known;
  for (const auto& entry : probes_) {
    if (!entry->armed) continue;
    EventGroup& group = entry->armed->group();
    const auto [found, fresh] = known.emplace(&group, all.size());
    if (fresh) all.push_back({.group = &group});
    GroupReads& one = all[found->second];
    one.read += entry->tally->read.load(std::memory_order_relaxed);
  }
  return all;
}

Lane ProbeTable::lane_for_new() {
  std::erase_if(all_groups_, [](const auto& group) { return group.expired(); });
  std::erase_if(open_groups_, [](const auto& named) { return named.second.expired(); });
  const auto fast = std::ranges::count_if(all_groups_, [](const auto& one) {
    const auto group = one.lock();
    return group && group->lane() == Lane::fast;
  });
  return static_cast<std::size_t>(fast) < kMostFast ? Lane::fast : Lane::bulk;
}

void ProbeTable::relieve_fast_rings() {
  if (!crowded_.exchange(false)) return;
  struct Busy {
    GroupReads reads;
    double rate = 0;
  };
  std::vector<Busy> fast;
  double sum = 0;
  const std::uint64_t now = monotonic_ns();
  for (const GroupReads& one : groups()) {
    if (one.group->lane() != Lane::fast) continue;
    EventGroup::Pace& pace = one.group->pace;
    // A member that left took its count along.
    const std::uint64_t read = one.read >= pace.read ? one.read - pace.read : 0;
    fast.push_back({one, per_second(read, now - pace.since_ns)});
    sum += fast.back().rate;
  }
  std::ranges::sort(fast, std::ranges::greater(), &Busy::rate);
  bool any = false;
  for (const Busy& busy : fast) {
    if (sum <= kMostFastRate) break;
    sum -= busy.rate;
    if (!std::exchange(any, true)) {
      // Each move takes a while, and nobody may wait in a bulk ring without a timer.
      moving_ = true;
      publish_plans();
    }
    // Where one CPU refuses, it goes on waking us there: nothing is lost.
    (void)busy.reads.group->move_to(Lane::bulk, rings_);
  }
  for (const Busy& one : fast) one.reads.group->pace = {monotonic_ns(), one.reads.read};
  moving_ = false;
  if (any) publish_plans();
}

void ProbeTable::calm_bulk_rings() {
  const std::uint64_t now = monotonic_ns();
  double fast_rate = 0;
  std::size_t fast = 0;
  std::vector<std::pair<GroupReads, double>> quiet;
  for (const GroupReads& one : groups()) {
    EventGroup::Pace& pace = one.group->pace;
    const std::uint64_t read = one.read >= pace.read ? one.read - pace.read : 0;
    const double rate = per_second(read, now - pace.since_ns);
    const bool long_enough = now - pace.since_ns >= kQuietNs;
    if (one.group->lane() == Lane::fast) {
      ++fast;
      fast_rate += rate;
    } else if (long_enough && rate < kQuietRate) {
      quiet.emplace_back(one, rate);
    }
    if (long_enough) pace = {now, one.read};
  }
  std::ranges::sort(quiet, {}, [](const auto& one) { return one.second; });
  std::size_t moved = 0;
  for (const auto& [one, rate] : quiet) {
    if (moved == kCalmAtOnce || fast >= kMostFast || fast_rate + rate > kMostFastRate / 2) break;
    (void)one.group->move_to(Lane::fast, rings_);
    ++moved;
    ++fast;
    fast_rate += rate;
  }
  if (moved == 0) return;
  pump_->settle();  // what they have put into the bulk rings, which maybe nobody looks at any more
  publish_plans();
}

std::shared_ptr<EventGroup> ProbeTable::group_for(const resolve::ResolvedProbe& probe,
                                                  const std::string& signature) {
  if (signature.empty()) return nullptr;
  const auto found = open_groups_.find(signature);
  if (found == open_groups_.end()) return nullptr;
  auto group = found->second.lock();
  if (!group) open_groups_.erase(found);
  // One that is sampled must not pass that on to another.
  const bool open = group && group->takes(probe.address) && group->governor.period() == kEveryHit;
  return open ? group : nullptr;
}

}  // namespace kprobed::engine
