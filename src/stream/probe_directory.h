// SPDX-License-Identifier: Apache-2.0
//
// The numbers that the log's index knows probes by. A number is never reused within one stream, so
// lines of a removed probe keep their meaning as long as the log keeps them.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace kprobed::stream {

class ProbeDirectory {
 public:
  /// `schema_line` (with newline) describes the probe's events. Returns its number, from 1.
  std::uint32_t add(std::string name, std::string schema_line);

  /// The probe is gone: all lines about it are before `end_seq`.
  void retire(std::uint32_t number, std::uint64_t end_seq);
  /// Forgets retired probes whose lines had left the log, whose oldest line is `oldest_seq`, at the
  /// call before this one: who took the oldest chunk just now may still ask about its lines.
  void forget(std::uint64_t oldest_seq);

  /// Copies, since other threads add; "" for a number never given, or forgotten.
  std::string name(std::uint32_t number) const;
  std::string schema_line(std::uint32_t number) const;

 private:
  struct Entry {
    std::string name, schema_line;
    std::uint64_t end_seq = UINT64_MAX;  ///< of a retired one
  };
  mutable std::mutex mutex_;
  std::map<std::uint32_t, Entry> entries_;
  std::uint32_t last_number_ = 0;
  std::uint64_t oldest_before_ = 0;
};

}  // namespace kprobed::stream
