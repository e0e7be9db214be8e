// SPDX-License-Identifier: Apache-2.0
#include "ringbuf/attached_event.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <system_error>
#include <thread>

#include "base/format.h"

namespace kprobed::ringbuf {

Result<AttachedEvent> AttachedEvent::open(std::uint32_t event_id,
                                          const std::vector<RingTarget>& rings) {
  AttachedEvent event;
  event.event_id_ = event_id;
  for (const RingTarget& ring : rings) {
    auto added = event.add(ring);
    if (!added.ok() && added.error().sys_errno == ENODEV) continue;
    if (!added.ok()) return std::move(added).error();
  }
  if (event.fds_.empty())
    return Error(ErrorCode::not_found,
                 format("trace event {}: none of {} CPUs is online", event_id, rings.size()));
  return event;
}

Result<AttachedEvent> AttachedEvent::open(std::uint32_t event_id,
                                          const std::vector<MappedRing>& rings) {
  std::vector<RingTarget> targets;
  for (const MappedRing& ring : rings) targets.push_back(ring.target());
  return open(event_id, targets);
}

Result<void> AttachedEvent::add(const RingTarget& ring) {
  KPROBED_TRY(UniqueFd fd, open_trace_event(event_id_, ring.cpu));
  if (!filter_.empty()) KPROBED_TRY_VOID(ringbuf::set_filter(fd.get(), filter_));
  if (period_ != 1) KPROBED_TRY_VOID(ringbuf::set_period(fd.get(), period_));
  auto redirected = ringbuf::redirect(fd.get(), ring.leader_fd);
  if (!redirected.ok())
    return std::move(redirected)
        .error()
        .while_doing(format("trace event {} on CPU {}", event_id_, ring.cpu));
  KPROBED_TRY(const std::uint64_t id, perf_id(fd.get()));
  fds_.push_back(std::move(fd));
  ids_.push_back(id);
  live_.push_back(false);
  made_.emplace_back();
  if (period_ != 1) made_.back().changed(period_, 0, 0);
  cpus_.push_back(ring.cpu);
  if (!filter_.empty()) add_counter(ring.cpu);
  return {};
}

void AttachedEvent::add_counter(unsigned cpu) {
  auto counter = open_trace_counter(event_id_, cpu);
  counts_seen_ = counts_seen_ && counter.ok();
  counters_.push_back(counter.ok() ? std::move(counter).value() : UniqueFd());
}

Result<void> AttachedEvent::join(const RingTarget& ring) {
  return is_on(ring.cpu) ? Result<void>() : add(ring);
}

Result<void> AttachedEvent::redirect(const std::vector<RingTarget>& rings) {
  // Perf locks each CPU's events on their own, so that the waits of a group of threads are one.
  constexpr std::size_t kMostThreads = 16;
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  Result<void> first;
  const auto work = [&] {
    for (std::size_t i = next++; i < fds_.size(); i = next++) {
      const auto ring = std::ranges::find(rings, cpus_[i], &RingTarget::cpu);
      if (ring == rings.end()) continue;
      auto done = ringbuf::redirect(fds_[i].get(), ring->leader_fd);
      const std::lock_guard lock(mutex);
      if (!done.ok() && first.ok()) first = std::move(done);
    }
  };
  std::vector<std::jthread> others;
  try {
    while (others.size() + 1 < std::min(fds_.size(), kMostThreads)) others.emplace_back(work);
  } catch (const std::system_error&) {
    // No more threads to be had: those that there are do it, this one at least.
  }
  work();
  others.clear();  // joins
  return first;
}

std::vector<UniqueFd> AttachedEvent::leave(unsigned cpu) {
  std::vector<UniqueFd> closing;
  const auto found = std::ranges::find(cpus_, cpu);
  if (found == cpus_.end()) return closing;
  const auto at = found - cpus_.begin();
  if (const auto counts = read_counts(fds_[static_cast<std::size_t>(at)].get()); counts.ok()) {
    left_.hits += counts->hits;
    left_.lost += counts->lost;
    left_.has_lost = left_.has_lost && counts->has_lost;
    left_.made += made_[static_cast<std::size_t>(at)].of(counts->hits);
  }
  closing.push_back(std::move(fds_[static_cast<std::size_t>(at)]));
  fds_.erase(fds_.begin() + at);
  if (!counters_.empty()) {
    UniqueFd counter = std::move(counters_[static_cast<std::size_t>(at)]);
    counters_.erase(counters_.begin() + at);
    if (const auto counts = read_counts(counter.get()); counts.ok()) left_seen_ += counts->hits;
    if (counter.valid()) closing.push_back(std::move(counter));
  }
  ids_.erase(ids_.begin() + at);
  made_.erase(made_.begin() + at);
  live_.erase(live_.begin() + at);
  cpus_.erase(found);
  return closing;
}

std::size_t AttachedEvent::descriptors() const {
  return fds_.size() + static_cast<std::size_t>(std::ranges::count_if(counters_, &UniqueFd::valid));
}

bool AttachedEvent::is_on(unsigned cpu) const {
  return std::ranges::find(cpus_, cpu) != cpus_.end();
}

Result<void> AttachedEvent::set_filter(const std::string& filter) {
  filter_ = filter;
  for (const UniqueFd& fd : fds_) KPROBED_TRY_VOID(ringbuf::set_filter(fd.get(), filter));
  for (const unsigned cpu : cpus_) add_counter(cpu);
  return {};
}

Result<void> AttachedEvent::set_period(std::uint64_t period) {
  period_ = period;
  Result<void> first;
  for (std::size_t i = 0; i < fds_.size(); ++i) {
    auto done = set_period(i, period);
    if (!done.ok() && first.ok()) first = std::move(done);
  }
  return first;
}

Result<void> AttachedEvent::set_period(std::size_t at, std::uint64_t period) {
  const int fd = fds_[at].get();
  KPROBED_TRY(const Counts before, read_counts(fd));
  if (live_[at] && period != 1) {
    KPROBED_TRY(const std::uint64_t begin, begin_period(at, period));
    made_[at].changed(period, before.hits, begin);
    return {};
  }
  // Every hit is one whatever went before; and what is silent begins its period when it is enabled.
  KPROBED_TRY_VOID(ringbuf::set_period(fd, period));
  KPROBED_TRY(const Counts after, read_counts(fd));
  made_[at].changed(period, before.hits, after.hits);
  return {};
}

/// The ioctl(2) alone leaves the period before at work until the second sample after it: twice the
/// next hit after period 1, and nothing more for 2^62 hits after that (perf_swevent_set_period()
/// reads last_period). Not so if the event is scheduled anew in between (perf_swevent_add()), as
/// all of a CPU are when another one is enabled there. That there was no hit in between its count
/// tells.
Result<std::uint64_t> AttachedEvent::begin_period(std::size_t at, std::uint64_t period) {
  constexpr int kTries = 20;
  const int fd = fds_[at].get();
  if (const auto other = open_trace_counter(event_id_, cpus_[at]); other.ok()) {
    for (int i = 0; i < kTries; ++i) {
      KPROBED_TRY(const Counts before, read_counts(fd));
      KPROBED_TRY_VOID(ringbuf::set_period(fd, period));
      KPROBED_TRY_VOID(ringbuf::enable(other->get()));
      KPROBED_TRY(const Counts after, read_counts(fd));
      if (before.hits == after.hits) return after.hits;
      KPROBED_TRY_VOID(ringbuf::disable(other->get()));
    }
  }
  // It is hit all the time, by what was done here perhaps: then silent for 40 us.
  KPROBED_TRY_VOID(ringbuf::disable(fd));
  const auto set = ringbuf::set_period(fd, period);
  const auto silent = read_counts(fd);
  const auto enabled = ringbuf::enable(fd);
  live_[at] = enabled.ok();
  if (!enabled.ok()) return enabled.error();
  if (!set.ok()) return set.error();
  if (!silent.ok()) return silent.error();
  return silent->hits;
}

Result<void> AttachedEvent::enable() {
  // Before and after the others: what it has not counted, they must not have seen.
  for (const UniqueFd& counter : counters_) {
    if (counter.valid()) KPROBED_TRY_VOID(ringbuf::enable(counter.get()));
  }
  for (std::size_t i = 0; i < fds_.size(); ++i) {
    KPROBED_TRY_VOID(ringbuf::enable(fds_[i].get()));
    live_[i] = true;
  }
  return {};
}

Result<void> AttachedEvent::disable() {
  Result<void> first;
  for (std::size_t i = 0; i < fds_.size(); ++i) {
    auto done = ringbuf::disable(fds_[i].get());
    live_[i] = live_[i] && !done.ok();
    if (!done.ok() && first.ok()) first = std::move(done);
  }
  for (const UniqueFd& counter : counters_) {
    if (counter.valid()) (void)ringbuf::disable(counter.get());
  }
  return first;
}

Result<std::vector<CpuCounts>> AttachedEvent::counts_by_cpu() const {
  std::vector<CpuCounts> all;
  for (std::size_t i = 0; i < fds_.size(); ++i) {
    KPROBED_TRY(const Counts one, read_counts(fds_[i].get()));
    all.push_back({.cpu = cpus_[i], .counts = one});
  }
  return all;
}

Result<EventCounts> AttachedEvent::counts() const {
  EventCounts sum = left_;
  for (std::size_t i = 0; i < fds_.size(); ++i) {
    KPROBED_TRY(const Counts one, read_counts(fds_[i].get()));
    sum.hits += one.hits;
    sum.made += made_[i].of(one.hits);
    sum.lost += one.lost;
    // Where one cannot tell, the sum is not the whole either.
    sum.has_lost = sum.has_lost && one.has_lost;
  }
  return sum;
}

Result<std::optional<Passed>> AttachedEvent::passed() const {
  // First what passed: while hits go on, more may have been seen by then, never less.
  KPROBED_TRY(const EventCounts sum, counts());
  if (filter_.empty()) return std::optional(Passed{sum.hits, sum.hits});
  if (!counts_seen_) return std::optional<Passed>();
  std::uint64_t seen = left_seen_;
  for (const UniqueFd& counter : counters_) {
    KPROBED_TRY(const Counts one, read_counts(counter.get()));
    seen += one.hits;
  }
  return std::optional(Passed{seen, sum.hits});
}

}  // namespace kprobed::ringbuf
