// SPDX-License-Identifier: Apache-2.0
//
// Samples that wait at a ModuleGate, oldest first. Bounded: what finds no room is counted as
// discarded. Used by the pump's thread only.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "decode/record.h"
#include "engine/module_gate.h"
#include "stream/event_plan.h"

namespace kprobed::engine {

struct HeldSample {
  std::shared_ptr<const stream::EventPlan> plan;
  std::shared_ptr<const ModuleGate> gate;
  decode::Stamp stamp;
  std::vector<std::byte> raw;
  std::string comm;
};

class HeldSamples {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{8} << 20;

  /// False if there is no room.
  bool add(HeldSample sample) {
    const std::size_t bytes = sizeof(HeldSample) + sample.raw.size();
    if (bytes_ + bytes > kMostBytes) return false;
    bytes_ += bytes;
    samples_.push_back(std::move(sample));
    return true;
  }

  bool empty() const { return samples_.empty(); }
  std::size_t size() const { return samples_.size(); }

  /// Takes those out of which `way_of(sample)` knows the way: `take(sample, way)`, in the order
  /// they came.
  template <typename WayOf, typename Take>
  void release(WayOf&& way_of, Take&& take) {
    std::deque<HeldSample> waiting;
    std::size_t bytes = 0;
    for (HeldSample& sample : samples_) {
      const ModuleGate::Way way = way_of(sample);
      if (way.pass != ModuleGate::Pass::held) {
        take(sample, way);
        continue;
      }
      bytes += sizeof(HeldSample) + sample.raw.size();
      waiting.push_back(std::move(sample));
    }
    samples_ = std::move(waiting);
    bytes_ = bytes;
  }

 private:
  std::deque<HeldSample> samples_;
  std::size_t bytes_ = 0;
};

}  // namespace kprobed::engine
