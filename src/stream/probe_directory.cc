// SPDX-License-Identifier: Apache-2.0
#include "stream/probe_directory.h"

namespace kprobed::stream {

std::uint32_t ProbeDirectory::add(std::string name, std::string schema_line) {
  const std::lock_guard lock(mutex_);
  entries_.push_back({std::move(name), std::move(schema_line)});
  return static_cast<std::uint32_t>(entries_.size());
}

std::string ProbeDirectory::name(std::uint32_t number) const {
  const std::lock_guard lock(mutex_);
  return number == 0 || number > entries_.size() ? "" : entries_[number - 1].name;
}

std::string ProbeDirectory::schema_line(std::uint32_t number) const {
  const std::lock_guard lock(mutex_);
  return number == 0 || number > entries_.size() ? "" : entries_[number - 1].schema_line;
}

}  // namespace kprobed::stream
