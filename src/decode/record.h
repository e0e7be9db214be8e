// SPDX-License-Identifier: Apache-2.0
//
// One perf record, believed only after its lengths have been checked. Views point into the bytes
// they were parsed from.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "base/byte_cursor.h"

namespace kprobed::decode {

/// What every record of ours says of itself.
struct Stamp {
  std::uint64_t time_ns = 0;  ///< CLOCK_MONOTONIC
  std::uint32_t pid = 0, tid = 0, cpu = 0;
  std::uint64_t id = 0;  ///< PERF_SAMPLE_IDENTIFIER: which perf event wrote it

  bool operator==(const Stamp&) const = default;
};

struct Sample {
  Stamp stamp;
  Bytes raw;
};
/// A task took a new name (prctl, execve).
struct CommChange {
  Stamp stamp;
  std::uint32_t pid = 0, tid = 0;
  std::string_view comm;
};
struct Fork {
  Stamp stamp;
  std::uint32_t pid = 0, ppid = 0, tid = 0, ptid = 0;
};
struct Exit {
  Stamp stamp;
  std::uint32_t pid = 0, tid = 0;
};
/// Records that found no room before this one was written. `id` is of the event that wrote next,
/// not of the victim (KERNEL-FACTS 6.3).
struct Lost {
  Stamp stamp;
  std::uint64_t count = 0;
};
/// A record type we did not ask for; harmless.
struct Other {
  std::uint32_t type = 0;
};
/// Lengths that lie. `reason` is a literal.
struct Bad {
  std::string_view reason;
};

using Record = std::variant<Sample, CommChange, Fork, Exit, Lost, Other, Bad>;

/// `bytes` is one whole record, header included: exactly header.size bytes.
Record parse_record(Bytes bytes, ByteOrder order = kHostOrder);

/// What time_of(parse_record(bytes)) is, without parsing the rest.
std::uint64_t peek_time(Bytes bytes, ByteOrder order = kHostOrder);

/// The time of a record; 0 if it has none (Other, Bad).
inline std::uint64_t time_of(const Record& record) {
  if (const auto* sample = std::get_if<Sample>(&record)) return sample->stamp.time_ns;
  return std::visit(
      [](const auto& one) -> std::uint64_t {
        if constexpr (requires { one.stamp; }) return one.stamp.time_ns;
        return 0;
      },
      record);
}

}  // namespace kprobed::decode
