// SPDX-License-Identifier: Apache-2.0
//
// A binary heap of rings. Neighbours in time mostly come from the same CPU, so the ring on top is
// read on as long as it stays older than the second oldest, without touching the heap.
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

  std::size_t taken = 0;
  while (!heap_.empty()) {
    Next& top = heap_.front();
    Ring& ring = *rings[top.ring];
    const Next run_end = second_oldest();
    bool more = true;
    while (more && top < run_end) {
      const decode::Record& record = fronts_[top.ring];
      const bool late = top.time_ns < last_ns_ && !std::holds_alternative<decode::Other>(record) &&
                        !std::holds_alternative<decode::Bad>(record);
      last_ns_ = std::max(last_ns_, top.time_ns);
      take(record, late, top.ring);
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

/// Parses what `ring` gives next and notes its time in `next`. False if that is nothing, or too
/// new.
template <typename Ring>
bool TimeMerge<Ring>::parse_front(Ring& ring, std::uint64_t limit_ns, Next& next) {
  const Bytes bytes = ring.peek();
  if (bytes.empty()) return false;
  decode::Record& record = fronts_[next.ring];
  record = decode::parse_record(bytes);
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
