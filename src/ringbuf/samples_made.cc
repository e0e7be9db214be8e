// SPDX-License-Identifier: Apache-2.0
#include "ringbuf/samples_made.h"

namespace kprobed::ringbuf {

namespace {
/// A hit right behind a change from period 1 makes two (perf_swevent_set_period()).
constexpr std::uint64_t kMostOfOneHit = 2;
}  // namespace

std::uint64_t SamplesMade::since(std::uint64_t hits) const {
  // Counters never go back; if one seems to, nothing was added.
  return hits > begin_ ? (hits - begin_) / period_ : 0;
}

void SamplesMade::changed(std::uint64_t period, std::uint64_t before, std::uint64_t after) {
  const std::uint64_t made = since(before);
  const std::uint64_t unsure = after > before ? after - before : 0;
  earlier_ += {made, made + kMostOfOneHit * unsure};
  period_ = period;
  begin_ = after;
}

Bounds SamplesMade::of(std::uint64_t hits) const {
  Bounds all = earlier_;
  all += {since(hits), since(hits)};
  return all;
}

}  // namespace kprobed::ringbuf
