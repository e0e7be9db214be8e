// SPDX-License-Identifier: Apache-2.0
//
// A binary heap of rings. Neighbours in time mostly come from the same CPU, so the ring on top is
// read on as long as it stays older than the second oldest, without touching the heap. Where they
// do not, and there are many rings, the heap's depth is paid for at each record: then all that is
// there is sorted instead.
#pragma once

#include <algorithm>
#include <limits>
#include <variant>

#include "stream/time_merge.h"

namespace kprobed::stream {

template <typename Ring>
template <typename Take>
std::size_t TimeMerge<Ring>::drain(const std::vector<Ring*>& rings, std::uint64_t limit_ns,
                                   Take&& take) {
  fronts_.resize(rings.size());
  heap_.clear();
  for (std::size_t i = 0; i < rings.size(); ++i) {
    Next next{0, i};
    if (parse_front(*rings[i], limit_ns, next)) heap_.push_back(next);
  }
  for (std::size_t at = heap_.size() / 2; at-- > 0;) sift_down(at);

  constexpr std::size_t kManyRings = 1, kLookAfter = 64, kShortRun = 3;
  std::size_t taken = 0, runs = 0;
  while (!heap_.empty()) {
    if (++runs == kLookAfter && heap_.size() > kManyRings && taken < kLookAfter * kShortRun) {
      return taken + sort_rest(rings, limit_ns, take);
    }
    Next& top = heap_.front();
    Ring& ring = *rings[top.ring];
    const Next run_end = second_oldest();
    bool more = true;
    while (more && top < run_end) {
      give(fronts_[top.ring], top.time_ns, top.ring, take);
      ring.consume();
      ++taken;
      more = parse_front(ring, limit_ns, top);
    }
    if (!more) {
      top = heap_.back();
      heap_.pop_back();
    }
    if (!heap_.empty()) sift_down(0);
  }
  return taken;
}

template <typename Ring>
template <typename Passed>
void TimeMerge<Ring>::pass_over_future(const std::vector<Ring*>& rings, std::uint64_t limit_ns,
                                       Passed&& passed) {
  for (Ring* ring : rings) {
    for (Bytes bytes = ring->peek(); !bytes.empty(); bytes = ring->peek()) {
      const std::uint64_t time = decode::peek_time(bytes);
      if (time <= limit_ns || time - limit_ns <= kFutureNs) break;
      passed(bytes);
      ring->consume();
    }
  }
}

template <typename Ring>
template <typename Take>
void TimeMerge<Ring>::give(const decode::Record& record, std::uint64_t time_ns, std::size_t ring,
                           Take& take) {
  const bool late = time_ns < last_ns_ && !std::holds_alternative<decode::Other>(record) &&
                    !std::holds_alternative<decode::Bad>(record);
  last_ns_ = std::max(last_ns_, time_ns);
  take(record, late, ring);
}

template <typename Ring>
template <typename Take>
std::size_t TimeMerge<Ring>::sort_rest(const std::vector<Ring*>& rings, std::uint64_t limit_ns,
                                       Take& take) {
  // Some thousand at a time: they are in the cache still when they are given out.
  constexpr std::size_t kFew = 2048, kMany = 8192;
  std::size_t taken = 0;
  while (true) {
    std::uint64_t oldest = std::numeric_limits<std::uint64_t>::max();
    bool any = false;
    for (Ring* ring : rings) {
      const Bytes bytes = ring->peek();
      if (bytes.empty()) continue;
      any = true;
      oldest = std::min(oldest, decode::peek_time(bytes));
    }
    if (!any || oldest > limit_ns) return taken;
    const std::uint64_t until = limit_ns - oldest < window_ns_ ? limit_ns : oldest + window_ns_;
    for (std::size_t i = 0; i < rings.size(); ++i) {
      // A ring keeps its own order: what is older than the one before it, or has no time, goes with
      // that one.
      std::uint64_t newest = oldest;
      for (Bytes bytes = rings[i]->peek(); !bytes.empty(); bytes = rings[i]->peek()) {
        const std::uint64_t time = decode::peek_time(bytes);
        if (time > until) break;
        newest = std::max(newest, time);
        sort_.add(newest - oldest, {.data = bytes.data(),
                                    .bytes = static_cast<std::uint32_t>(bytes.size()),
                                    .ring = static_cast<std::uint32_t>(i)});
        rings[i]->consume();
      }
    }
    taken += sort_.size();
    if (sort_.size() < kFew) window_ns_ = std::min(2 * window_ns_, kLongestWindowNs);
    if (sort_.size() > kMany) window_ns_ = std::max<std::uint64_t>(window_ns_ / 2, 1);
    sort_.drain([&, record = decode::Record()](const TimeSort::Item& item) mutable {
      decode::parse_record(Bytes(item.data, item.bytes), record);
      give(record, decode::time_of(record), item.ring, take);
    });
  }
}

/// Parses what `ring` gives next and notes its time in `next`. False if that is nothing, or too
/// new.
template <typename Ring>
bool TimeMerge<Ring>::parse_front(Ring& ring, std::uint64_t limit_ns, Next& next) {
  const Bytes bytes = ring.peek();
  if (bytes.empty()) return false;
  decode::Record& record = fronts_[next.ring];
  decode::parse_record(bytes, record);
  next.time_ns = decode::time_of(record);  // 0 where it has none: first in order, within any limit
  return next.time_ns <= limit_ns;
}

/// What the top of the heap must stay before. Past everything if the top is alone.
template <typename Ring>
typename TimeMerge<Ring>::Next TimeMerge<Ring>::second_oldest() const {
  constexpr Next kNever{std::numeric_limits<std::uint64_t>::max(),
                        std::numeric_limits<std::size_t>::max()};
  if (heap_.size() < 2) return kNever;
  return heap_.size() == 2 ? heap_[1] : std::min(heap_[1], heap_[2]);
}

template <typename Ring>
void TimeMerge<Ring>::sift_down(std::size_t at) {
  const Next sinking = heap_[at];
  for (;;) {
    std::size_t child = 2 * at + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1] < heap_[child]) ++child;
    if (sinking < heap_[child]) break;
    heap_[at] = heap_[child];
    at = child;
  }
  heap_[at] = sinking;
}

}  // namespace kprobed::stream
