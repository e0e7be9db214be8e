// SPDX-License-Identifier: Apache-2.0
//
// The numbers that the log's index knows probes by. A number is never reused within one stream, so
// lines of a removed probe keep their meaning.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace kprobed::stream {

class ProbeDirectory {
 public:
  /// `schema_line` (with newline) describes the probe's events. Returns its number, from 1.
  std::uint32_t add(std::string name, std::string schema_line);

  /// Copies, since other threads add; "" for a number never given.
  std::string name(std::uint32_t number) const;
  std::string schema_line(std::uint32_t number) const;

 private:
  struct Entry {
    std::string name, schema_line;
  };
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
};

}  // namespace kprobed::stream
