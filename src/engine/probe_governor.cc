// SPDX-License-Identifier: Apache-2.0
//
// ProbeTable's look, about once a second, at what probes cost (governor.h). A probe that records
// all its hits is counted by the pump, which costs nothing; only of what is sampled, or of what
// rings have lost, the kernel is asked, since each answer is an interrupt on every CPU.
#include <sys/resource.h>

#include <algorithm>

#include "base/format.h"
#include "engine/clocks.h"
#include "engine/price.h"
#include "engine/probe_entry.h"

namespace kprobed::engine {

namespace {

/// Of one CPU: so much a probe may cost though all together are over the budget.
constexpr double kSmallShare = 0.002;

/// While a probe is sampled, its factor is told this often.
constexpr std::uint64_t kTellEveryNs = 10'000'000'000;
/// How long a probe that was too dear stays out, doubled each time up to the last.
constexpr std::uint64_t kFirstOffNs = 30'000'000'000, kLastOffNs = 600'000'000'000;

/// What a hit of that kind costs, in kprobes' hits (docs/performance.md).
double kind_factor(const resolve::ResolvedProbe& probe) {
  if (probe.source == resolve::EventSource::uprobe) return 2.2;
  if (probe.source == resolve::EventSource::existing) return 0.85;
  return probe.spec.kind == probespec::ProbeKind::on_return ? 1.3 : 1;
}

/// CPU time of this process without the calling thread: pump, clients.
std::uint64_t others_cpu_ns() {
  const auto spent = [](int who) {
    rusage usage{};
    ::getrusage(who, &usage);
    const auto ns = [](const timeval& time) {
      return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
             static_cast<std::uint64_t>(time.tv_usec) * 1000;
    };
    return ns(usage.ru_utime) + ns(usage.ru_stime);
  };
  const std::uint64_t all = spent(RUSAGE_SELF), mine = spent(RUSAGE_THREAD);
  return all > mine ? all - mine : 0;
}

std::string percent(double share) { return format("{:.1f} %", share * 100); }

}  // namespace

Prices ProbeTable::prices_of(const Entry& entry) const {
  Prices prices = prices_.value_or(Prices());
  const double factor = kind_factor(entry.resolved);
  prices.recorded_ns *= factor;
  prices.counted_ns *= factor;
  return prices;
}

void ProbeTable::govern() {
  const Budget& budget = options_.budget;
  if (!budget.on || !pump_ || !machine_) return;
  const std::uint64_t now = monotonic_ns();
  const double seconds = static_cast<double>(now - governed_ns_) / 1e9;
  // Looks also come out of turn; too short a time says nothing.
  if (governed_ns_ != 0 && seconds < 0.5) return;
  const bool first = std::exchange(governed_ns_, now) == 0;
  const PumpCounts counts = pump_->counts();
  const std::uint64_t cpu = others_cpu_ns();
  const std::uint64_t read = counts.read - std::exchange(governed_read_, counts.read);
  const std::uint64_t spent = cpu - std::exchange(governed_cpu_ns_, cpu);
  const bool lossy = std::exchange(governed_lost_, counts.lost) != counts.lost;
  if (!prices_) prices_ = measure_prices(*machine_);
  // What the pump and the clients cost is seen best when they have much to do.
  if (!first && read > 1000) {
    const double ns = std::clamp(static_cast<double>(spent) / static_cast<double>(read), 50., 5e3);
    prices_->read_ns = (3 * prices_->read_ns + ns) / 4;
  }

  struct Seen {
    EventGroup* group;
    Entry* alone;  ///< the only one that records with it; null: there are several
    Load load;
    Prices prices;
    double cost, hits_per_read;
  };
  std::vector<Seen> seen;
  std::vector<Cost> costs;
  double total = 0, counted = 0;
  struct Recording {
    Entry* any = nullptr;
    std::size_t count = 0;
  };
  std::map<const EventGroup*, Recording> recording;
  for (const auto& entry : probes_) {
    if (!entry->armed || !may_record(entry->state)) continue;
    Recording& with = recording[&entry->armed->group()];
    with.any = entry.get();
    ++with.count;
  }
  for (const GroupReads& reads : groups()) {
    const auto with = recording.find(reads.group);
    if (with == recording.end()) continue;
    Entry& any = *with->second.any;
    EventGroup& group = *reads.group;
    EventGroup::Counted& looked = group.looked;
    const std::uint64_t fresh = reads.read - std::min(looked.read, reads.read);
    double hits = static_cast<double>(fresh);
    if (group.governor.period() != kEveryHit || (lossy && fresh != 0) || looked.hits != 0) {
      if (const auto asked = group.event().counts(); asked.ok()) {
        if (looked.hits != 0) hits = static_cast<double>(asked->hits - looked.hits);
        looked.hits = asked->hits;
      }
    }
    looked.read = reads.read;
    if (first) continue;
    const std::uint64_t published = any.tally->published.load(std::memory_order_relaxed);
    const std::uint64_t bytes = any.tally->bytes.load(std::memory_order_relaxed);
    Seen one{.group = &group,
             .alone = with->second.count == 1 ? &any : nullptr,
             .load = {.hits = hits / seconds,
                      .line_bytes = published == 0 ? 0
                                                   : static_cast<double>(bytes) /
                                                         static_cast<double>(published),
                      .exact = any.wish.exact},
             .prices = prices_of(any),
             .cost = 0,
             .hits_per_read = fresh == 0 ? 1 : hits / static_cast<double>(fresh)};
    one.cost = cost_share(one.load, one.prices, group.governor.period());
    total += one.cost;
    costs.push_back(
        {.now = one.cost, .budget = budget.probe_share * static_cast<double>(with->second.count)});
    if (group.governor.period() == kCountOnly) counted += one.cost;
    seen.push_back(one);
  }
  const double scale = common_scale(costs, budget);
  for (const Seen& one : seen) {
    EventGroup& group = *one.group;
    Entry* const entry = one.alone;
    double share = budget.probe_share;
    // All of them give up the same part of what they take.
    if (scale < 1) {
      // Small ones need not, and who is only counted cannot, unless those alone are too much.
      const bool can = group.governor.period() != kCountOnly || counted > budget.total_share;
      share = std::min(share,
                       can ? std::max(std::min(share, one.cost) * scale, kSmallShare) : one.cost);
    }
    if (entry == nullptr) {
      if (fitting_period(one.load, one.prices, budget, share) != kEveryHit) {
        part_from_group(group, seconds, one.hits_per_read, scale, one.load.line_bytes);
      }
      continue;
    }
    const std::uint64_t before = group.governor.period();
    if (before != kEveryHit && total > 0.8 * budget.total_share) {
      share = std::max(std::min(share, one.cost), 1e-9);  // not finer now
    }
    const std::uint64_t after = group.governor.look(one.load, one.prices, budget, share);
    if (after != before) {
      set_level(*entry, after,
                after > before
                    ? format("{:.0f} hits a second would cost {} of a CPU", one.load.hits,
                             percent(cost_share(one.load, one.prices, kEveryHit)))
                    : "its load is low again");
    } else if (before != kEveryHit && now - group.told_ns > kTellEveryNs) {
      tell_sampling(*entry, before, "");
    }
  }
  for (const auto& entry : probes_) {
    entry->governed_read = entry->tally->read.load(std::memory_order_relaxed);
  }
}

void ProbeTable::part_from_group(EventGroup& group, double seconds, double hits_per_read,
                                 double scale, double line_bytes) {
  std::vector<Entry*> hot;
  for (const auto& entry : probes_) {
    if (!entry->armed || &entry->armed->group() != &group || !may_record(entry->state)) continue;
    const std::uint64_t read = entry->tally->read.load(std::memory_order_relaxed);
    const Load load{.hits = static_cast<double>(read - std::min(entry->governed_read, read)) *
                            hits_per_read / seconds,
                    .line_bytes = line_bytes,
                    .exact = entry->wish.exact};
    const Prices prices = prices_of(*entry);
    double share = options_.budget.probe_share;
    // All of them give up the same part of what they take; small ones need not.
    if (scale < 1) {
      share = std::min(share, std::max(cost_share(load, prices, kEveryHit) * scale, kSmallShare));
    }
    if (fitting_period(load, prices, options_.budget, share) == kEveryHit) {
      entry->hot = 0;
    } else if (++entry->hot >= Governor::kHotLooks) {
      hot.push_back(entry.get());
    }
  }
  for (Entry* entry : hot) {
    entry->hot = 0;
    entry->alone = true;
    if (!arm_beside(*entry)) {
      entry->alone = false;
      continue;  // the next look tries again
    }
    // Its next two looks are at its own event; what is decided there is told.
    publish_plans();
    if (auto enabled = enable({entry}); !enabled.ok()) {
      take_out(*entry, cause_of(enabled.error()), enabled.error().message);
    }
  }
}

void ProbeTable::set_level(Entry& entry, std::uint64_t period, std::string reason) {
  if (period == kOff) {
    tell_sampling(entry, 0, reason);
    const std::uint64_t wait = std::min(kFirstOffNs << std::min(entry.times_off, 5u), kLastOffNs);
    ++entry.times_off;
    // It comes back counted only, until it is known what it would cost.
    entry.begin_period = kCountOnly;
    entry.alone = true;
    take_out(entry, Cause::exhausted,
             format("too dear even to be counted: {}; tried again in {} s", reason,
                    wait / 1'000'000'000));
    entry.retry_ns = monotonic_ns() + wait;
    return;
  }
  if (period == kEveryHit) entry.times_off = 0;
  if (EventGroup& group = entry.armed->group();
      group.was_shared() && group.governor.period() != period && group.told_ns == 0) {
    // What the event has counted until here was not this one's alone.
    if (const auto asked = group.event().counts(); asked.ok()) group.told.hits = asked->hits;
    group.told.read = entry.tally->read.load(std::memory_order_relaxed);
  }
  if (const auto set = entry.armed->group().set_period(period); !set.ok()) {
    reason += "; " + set.error().message;
  }
  tell_sampling(entry, period, reason);
  enter(entry, entry.state,
        period == kEveryHit    ? std::string()
        : period == kCountOnly ? "only counted: " + reason
                               : format("one hit in {} is recorded: {}", period, reason));
}

void ProbeTable::tell_sampling(Entry& entry, std::uint64_t period, std::string reason) {
  EventGroup& group = entry.armed->group();
  // Counted first, then what of that has come: none may be missing from the second.
  const auto asked = group.event().counts();
  pump_->settle();
  const EventGroup::Counted now{.hits = asked.ok() ? asked->hits : group.told.hits,
                                .read = entry.tally->read.load(std::memory_order_relaxed)};
  const EventGroup::Counted before = std::exchange(group.told, now);
  group.told_ns = monotonic_ns();
  if (group.looked.hits == 0) group.looked.hits = now.hits;
  const std::string_view word = level_word(period == 0 ? kOff : period);
  pump_->announce(stream::SamplingNote{.seq = 0,
                                       .time_ns = group.told_ns,
                                       .probe = entry.name,
                                       .level = std::string(word),
                                       .period = period >= kCountOnly ? 0 : period,
                                       .hits = now.hits - before.hits,
                                       .events = now.read - std::min(before.read, now.read),
                                       .reason = std::move(reason)},
                  entry.armed->plan()->number);
}

}  // namespace kprobed::engine
