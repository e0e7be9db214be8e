// SPDX-License-Identifier: Apache-2.0
#include "stream/wall_clock.h"

#include <chrono>
#include <ctime>

#include "stream/append.h"

namespace kprobed::stream {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

struct WallTime {
  std::int64_t second;  ///< since 1970, negative before
  std::uint32_t ns;     ///< into that second
};

WallTime wall_time(std::uint64_t monotonic_ns, std::int64_t offset_ns) {
  // Unsigned, because a sum that does not fit wraps there instead of being undefined.
  const auto sum = static_cast<std::int64_t>(monotonic_ns + static_cast<std::uint64_t>(offset_ns));
  std::int64_t second = sum / kNsPerSecond;
  std::int64_t ns = sum % kNsPerSecond;
  if (ns < 0) {  // division rounds towards 1970, a clock always runs forwards
    --second;
    ns += kNsPerSecond;
  }
  return {second, static_cast<std::uint32_t>(ns)};
}

void append_time_of_day(std::uint64_t hour, std::uint64_t minute, std::uint64_t second,
                        std::string& out) {
  append_padded(hour, 2, out);
  out += ':';
  append_padded(minute, 2, out);
  out += ':';
  append_padded(second, 2, out);
  out += '.';
}

void utc_text(std::int64_t second, std::string& out) {
  using std::chrono::days, std::chrono::seconds, std::chrono::sys_days, std::chrono::sys_seconds;
  const sys_seconds instant{seconds{second}};
  const sys_days midnight = std::chrono::floor<days>(instant);
  const std::chrono::year_month_day date{midnight};
  const auto of_day = static_cast<std::uint64_t>((instant - midnight).count());

  out.clear();
  append_padded(static_cast<std::uint64_t>(static_cast<int>(date.year())), 4, out);
  out += '-';
  append_padded(static_cast<unsigned>(date.month()), 2, out);
  out += '-';
  append_padded(static_cast<unsigned>(date.day()), 2, out);
  out += 'T';
  append_time_of_day(of_day / 3600, of_day / 60 % 60, of_day % 60, out);
}

void local_text(std::int64_t second, std::string& out) {
  const auto instant = static_cast<std::time_t>(second);  // of 32 bits on some machines
  std::tm local{};
  localtime_r(&instant, &local);
  out.clear();
  append_time_of_day(static_cast<std::uint64_t>(local.tm_hour),
                     static_cast<std::uint64_t>(local.tm_min),
                     static_cast<std::uint64_t>(local.tm_sec), out);
}

}  // namespace

void WallClock::append(std::uint64_t monotonic_ns, std::string& out) {
  const WallTime time = wall_time(monotonic_ns, offset_ns_);
  if (time.second != cached_second_) {
    utc_text(time.second, cached_text_);
    cached_second_ = time.second;
  }
  out += cached_text_;
  append_padded(time.ns, 9, out);
  out += 'Z';
}

void WallClock::append_local(std::uint64_t monotonic_ns, std::string& out) {
  const WallTime time = wall_time(monotonic_ns, offset_ns_);
  if (time.second != local_second_) {
    local_text(time.second, local_text_);
    local_second_ = time.second;
  }
  out += local_text_;
  append_padded(time.ns / 1000, 6, out);
}

}  // namespace kprobed::stream
