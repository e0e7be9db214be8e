// SPDX-License-Identifier: Apache-2.0
//
// One perf record, believed only after its lengths have been checked. Views point into the bytes
// they were parsed from.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <variant>

#include "base/byte_cursor.h"
#include "decode/sample_layout.h"

namespace kprobed::decode {

/// What every record of ours says of itself, in the order in which a sample does: one copy takes
/// it out, and whoever copies it on need not wait until smaller stores have become one.
struct Stamp {
  std::uint64_t id = 0;  ///< PERF_SAMPLE_IDENTIFIER: which perf event wrote it
  std::uint32_t pid = 0, tid = 0;
  std::uint64_t time_ns = 0;  ///< CLOCK_MONOTONIC
  std::uint32_t cpu = 0;
  std::uint32_t reserved = 0;  ///< the kernel's; says nothing

  bool operator==(const Stamp& other) const {
    return id == other.id && pid == other.pid && tid == other.tid && time_ns == other.time_ns &&
           cpu == other.cpu;
  }
};
/// Where it begins in a sample.
inline constexpr std::size_t kStampAt = 8;
static_assert(sizeof(Stamp) == kSampleHeadBytes - kStampAt);

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

/// The same, into `record`, of this machine's order. Every event's way: where `record` was a sample
/// before, its fields are written where they are, and one check of the whole fixed part stands for
/// one per field.
inline void parse_record(Bytes bytes, Record& record) {
  constexpr std::size_t kRawAt = kSampleHeadBytes + 4;
  const std::byte* at = bytes.data();
  if (bytes.size() >= kRawAt && load<std::uint32_t>(at, kHostOrder) == PERF_RECORD_SAMPLE &&
      load<std::uint16_t>(at + 6, kHostOrder) == bytes.size()) [[likely]] {
    const auto raw_size = load<std::uint32_t>(at + kSampleHeadBytes, kHostOrder);
    if (raw_size <= bytes.size() - kRawAt) [[likely]] {
      Sample* sample = std::get_if<Sample>(&record);
      if (sample == nullptr) sample = &record.emplace<Sample>();
      std::memcpy(&sample->stamp, at + kStampAt, sizeof sample->stamp);
      sample->raw = bytes.subspan(kRawAt, raw_size);
      return;
    }
  }
  record = parse_record(bytes, kHostOrder);
}

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
