// SPDX-License-Identifier: Apache-2.0
//
// How far a request has come that takes the kernel a while, for who wants to know.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "engine/clocks.h"

namespace kprobed::engine {

/// `done` of `all` probes, on the control thread and before the answer. Null: nobody asked.
using Progress = std::function<void(std::size_t done, std::size_t all)>;

/// Tells now and then, the first time a while after it was made.
class ProgressTeller {
 public:
  static constexpr std::uint64_t kEveryNs = 200'000'000;

  explicit ProgressTeller(Progress tell) : tell_(std::move(tell)) {}

  void at(std::size_t done, std::size_t all) {
    if (!tell_) return;
    const std::uint64_t now = monotonic_ns();
    if (now < due_ns_) return;
    due_ns_ = now + kEveryNs;
    tell_(done, all);
  }

 private:
  Progress tell_;
  std::uint64_t due_ns_ = monotonic_ns() + kEveryNs;
};

/// A request's, which goes from job to job.
using SharedTeller = std::shared_ptr<ProgressTeller>;

}  // namespace kprobed::engine
