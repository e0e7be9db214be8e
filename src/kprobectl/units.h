// SPDX-License-Identifier: Apache-2.0
//
// Durations and sizes as users write and read them. The parsers throw CLI::ValidationError, CLI11's
// own word for a bad option value.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace kprobed::kprobectl {

/// "500ms", "10s", "5m", "1h"; a bare number is seconds. At least 1 ms, at most 10 years.
std::chrono::milliseconds parse_duration(const std::string& text);

/// "1" to "18446744073709551615", in decimal.
std::uint64_t parse_count(const std::string& text);

/// "64K".."64M" or bytes; a power of two.
std::size_t parse_ring_size(const std::string& text);

/// "500ms", "59s", "10m", "9m 59s", "3h 12m", "2d 1h": rounded, the two largest units.
std::string duration_text(std::uint64_t ms);

/// "512 bytes", "64.0 KiB", "4.0 MiB"
std::string size_text(std::uint64_t bytes);

}  // namespace kprobed::kprobectl
