// SPDX-License-Identifier: Apache-2.0
//
// How many samples the kernel has made of the hits that it counted, while one in so many was
// recorded: it counts the hits only. Out of its counts at each change of the period;
// AttachedEvent::set_period() sees to it that the new one begins to run at the change.
#pragma once

#include <cstdint>

namespace kprobed::ringbuf {

/// So many at least, and at most.
struct Bounds {
  std::uint64_t least = 0, most = 0;

  Bounds& operator+=(const Bounds& other) {
    least += other.least;
    most += other.most;
    return *this;
  }
  bool operator==(const Bounds&) const = default;
};

/// Of one event on one CPU, which begins with period 1.
class SamplesMade {
 public:
  /// One in `period` from now on. `before`: hits counted right before the change; `after`: when it
  /// was over. Nobody knows under which period those in between were.
  void changed(std::uint64_t period, std::uint64_t before, std::uint64_t after);
  /// Of `hits` in all.
  Bounds of(std::uint64_t hits) const;

 private:
  std::uint64_t since(std::uint64_t hits) const;

  Bounds earlier_;  ///< under the periods before
  std::uint64_t period_ = 1;
  std::uint64_t begin_ = 0;  ///< hits when it was set
};

}  // namespace kprobed::ringbuf
