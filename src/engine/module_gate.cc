// SPDX-License-Identifier: Apache-2.0
#include "engine/module_gate.h"

#include <algorithm>

namespace kprobed::engine {

namespace {
/// Stays that are remembered: a sample is as late as its ring was full, a few rounds at most.
constexpr std::size_t kMostStays = 64;
}  // namespace

void ModuleGate::loaded(std::uint64_t time_ns) {
  Stay& now = stays_.back();
  // The first load that is heard of in the first stay, or the one that follows the last `freed`.
  if (now.loaded_ns == 0 || now.loaded_ns == UINT64_MAX) now.loaded_ns = time_ns;
}

void ModuleGate::freed(std::uint64_t time_ns) { begin_stay(time_ns, UINT64_MAX); }

void ModuleGate::doubt(std::uint64_t time_ns) { begin_stay(time_ns, time_ns); }

void ModuleGate::begin_stay(std::uint64_t end_of_last_ns, std::uint64_t loaded_ns) {
  Stay next;
  next.generation = stays_.back().generation + 1;
  next.loaded_ns = loaded_ns;
  stays_.back().end_ns = end_of_last_ns;
  stays_.push_back(std::move(next));
  unjudged_.store(true, std::memory_order_relaxed);
  if (stays_.size() > kMostStays) stays_.pop_front();
}

bool ModuleGate::judge(const Sighting& sighting) {
  const auto stay = std::ranges::find_if(stays_, [&](const Stay& one) {
    return one.loaded_ns <= sighting.begin_ns && sighting.end_ns <= one.end_ns;
  });
  if (stay == stays_.end()) return false;
  if (sighting.complete && std::next(stay) == stays_.end()) {
    unjudged_.store(false, std::memory_order_relaxed);
  }
  for (const auto& verdict : sighting.fits) {
    const auto at = std::ranges::lower_bound(stay->fits, verdict.first, {}, &Fit::first);
    if (at != stay->fits.end() && at->first == verdict.first) {
      at->second = verdict.second;
    } else {
      stay->fits.insert(at, verdict);
    }
  }
  return true;
}

void ModuleGate::close(std::uint64_t time_ns) {
  for (Stay& stay : stays_) stay.closed = stay.closed || stay.end_ns <= time_ns;
}

ModuleGate::Way ModuleGate::way_of(std::uint32_t number, std::uint64_t time_ns) const {
  // The last is the usual one, and the only one without an end.
  auto stay = stays_.rbegin();
  while (std::next(stay) != stays_.rend() && time_ns <= std::next(stay)->end_ns) ++stay;
  const auto fit = std::ranges::lower_bound(stay->fits, number, {}, &Fit::first);
  if (fit != stay->fits.end() && fit->first == number) {
    return {fit->second ? Pass::open : Pass::shut, stay->generation};
  }
  return {stay->closed ? Pass::shut : Pass::held, stay->generation};
}

}  // namespace kprobed::engine
