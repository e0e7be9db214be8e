// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace kprobed::stream {

/// Turns CLOCK_MONOTONIC into wall-clock time by an offset that its owner samples. Neighbouring
/// events share their second, so each form remembers the last second's text.
class WallClock {
 public:
  /// CLOCK_REALTIME minus CLOCK_MONOTONIC, in ns. Negative where the clock was set to before 1970
  /// plus the uptime.
  void set_offset(std::int64_t ns) { offset_ns_ = ns; }
  std::int64_t offset() const { return offset_ns_; }

  /// Appends RFC 3339 in UTC with nanoseconds: "2026-11-23T03:14:05.262389131Z". The years that 64
  /// bits of ns can tell are 1677 to 2262; beyond them the sum wraps.
  void append(std::uint64_t monotonic_ns, std::string& out);

  /// Appends the time of day where this process lives (localtime_r, TZ) with microseconds, rounded
  /// down: "03:14:05.262389".
  void append_local(std::uint64_t monotonic_ns, std::string& out);

 private:
  std::int64_t offset_ns_ = 0;
  std::int64_t cached_second_ = INT64_MIN;  ///< no time has it
  std::int64_t local_second_ = INT64_MIN;
  std::string cached_text_;  ///< "2026-11-23T03:14:05."
  std::string local_text_;   ///< "03:14:05."
};

}  // namespace kprobed::stream
