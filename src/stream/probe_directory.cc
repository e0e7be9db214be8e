// SPDX-License-Identifier: Apache-2.0
#include "stream/probe_directory.h"

#include <utility>

namespace kprobed::stream {

std::uint32_t ProbeDirectory::add(std::string name, std::string schema_line) {
  const std::lock_guard lock(mutex_);
  entries_.emplace(
      ++last_number_,
      Entry{.name = std::move(name), .schema_line = std::move(schema_line), .end_seq = UINT64_MAX});
  return last_number_;
}

void ProbeDirectory::retire(std::uint32_t number, std::uint64_t end_seq) {
  const std::lock_guard lock(mutex_);
  if (const auto entry = entries_.find(number); entry != entries_.end()) {
    entry->second.end_seq = end_seq;
  }
}

void ProbeDirectory::forget(std::uint64_t oldest_seq) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t gone = std::exchange(oldest_before_, oldest_seq);
  std::erase_if(entries_, [gone](const auto& row) { return row.second.end_seq <= gone; });
}

std::string ProbeDirectory::name(std::uint32_t number) const {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(number);
  return entry == entries_.end() ? "" : entry->second.name;
}

std::string ProbeDirectory::schema_line(std::uint32_t number) const {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(number);
  return entry == entries_.end() ? "" : entry->second.schema_line;
}

}  // namespace kprobed::stream
