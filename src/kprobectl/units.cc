// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/units.h"

#include <CLI/CLI.hpp>
#include <bit>
#include <charconv>
#include <optional>
#include <utility>

#include "base/format.h"

namespace kprobed::kprobectl {

namespace {

/// The number `text` begins with, and the unit behind it.
std::optional<std::pair<std::uint64_t, std::string>> split_number(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  return std::pair{number, std::string(end, text.data() + text.size())};
}

}  // namespace

std::chrono::milliseconds parse_duration(const std::string& text) {
  constexpr std::uint64_t kMaxMs = std::uint64_t{10} * 365 * 24 * 3600 * 1000;
  const auto parts = split_number(text);
  std::uint64_t unit_ms = 0;
  if (parts) {
    const std::string& unit = parts->second;
    if (unit == "ms") unit_ms = 1;
    if (unit == "s" || unit.empty()) unit_ms = 1000;
    if (unit == "m" || unit == "min") unit_ms = 60'000;
    if (unit == "h") unit_ms = 3'600'000;
  }
  if (unit_ms == 0 || parts->first == 0 || parts->first > kMaxMs / unit_ms) {
    throw CLI::ValidationError("--for", "'" + text + "' is not a time: write 500ms, 10s, 5m or 1h");
  }
  return std::chrono::milliseconds(parts->first * unit_ms);
}

std::uint64_t parse_count(const std::string& text) {
  const auto parts = split_number(text);
  if (!parts || !parts->second.empty() || parts->first == 0) {
    throw CLI::ValidationError("--count", "'" + text + "' is not a number of events, 1 or more");
  }
  return parts->first;
}

std::size_t parse_ring_size(const std::string& text) {
  constexpr std::uint64_t kMin = 64 << 10, kMax = 64 << 20;
  const auto parts = split_number(text);
  std::uint64_t unit = 0;
  if (parts) {
    if (parts->second.empty()) unit = 1;
    if (parts->second == "K" || parts->second == "k") unit = 1 << 10;
    if (parts->second == "M") unit = 1 << 20;
  }
  const std::uint64_t bytes = unit != 0 && parts->first <= kMax / unit ? parts->first * unit : 0;
  if (bytes < kMin || !std::has_single_bit(bytes)) {
    throw CLI::ValidationError("--buffer", "'" + text + "' is not a power of two from 64K to 64M");
  }
  return static_cast<std::size_t>(bytes);
}

std::string duration_text(std::uint64_t ms) {
  if (ms < 1000) return format("{}ms", ms);
  const std::uint64_t seconds = ms / 1000 + (ms % 1000 >= 500 ? 1 : 0);
  const std::uint64_t counts[] = {seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60,
                                  seconds % 60};
  constexpr char kUnits[] = {'d', 'h', 'm', 's'};
  std::size_t first = 0;
  while (counts[first] == 0) ++first;
  std::string text = format("{}{}", counts[first], kUnits[first]);
  if (first < 3 && counts[first + 1] != 0)
    text += format(" {}{}", counts[first + 1], kUnits[first + 1]);
  return text;
}

std::string size_text(std::uint64_t bytes) {
  const auto number = static_cast<double>(bytes);
  if (bytes < 1024) return format("{} bytes", bytes);
  if (bytes < std::uint64_t{1} << 20) return format("{:.1f} KiB", number / 1024);
  if (bytes < std::uint64_t{1} << 30) return format("{:.1f} MiB", number / (1 << 20));
  return format("{:.1f} GiB", number / (1 << 30));
}

}  // namespace kprobed::kprobectl
