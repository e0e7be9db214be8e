// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <time.h>

#include <cstdint>

namespace kprobed::engine {

inline std::int64_t clock_ns(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

inline std::uint64_t monotonic_ns() {
  return static_cast<std::uint64_t>(clock_ns(CLOCK_MONOTONIC));
}

inline std::uint64_t realtime_ns() { return static_cast<std::uint64_t>(clock_ns(CLOCK_REALTIME)); }

/// Runs on while the machine sleeps: what is to end after an hour ends then.
inline std::uint64_t boottime_ms() {
  return static_cast<std::uint64_t>(clock_ns(CLOCK_BOOTTIME)) / 1'000'000;
}

/// CLOCK_REALTIME minus CLOCK_MONOTONIC, for stream::WallClock.
inline std::int64_t wall_clock_offset_ns() {
  return clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
}

}  // namespace kprobed::engine
