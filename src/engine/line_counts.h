// SPDX-License-Identifier: Apache-2.0
//
// What kprobe_profile and uprobe_profile say of our probes, read once for all of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "engine/armed_probe.h"

namespace kprobed::engine {

struct LineCounts {
  std::uint64_t hits = 0;
  std::optional<std::uint64_t> missed;  ///< none: of a uprobe, or not known
};

/// Does the kernel count its hits there? Of fprobes and tracepoints it does not.
bool has_profile(const ArmedProbe& armed);

class LineBook {
 public:
  static Result<LineBook> read(const Machine& machine);

  /// Of a probe on several functions, all of them together. nullopt: it has no line there. Of a
  /// return probe old kernels (5.10) do not count the calls that they could not follow; then
  /// `missed` is unknown.
  std::optional<LineCounts> of(const ArmedProbe& armed) const;

 private:
  bool return_misses_ = true;
  std::unordered_map<std::string, LineCounts> counts_;  ///< by event and place, and by event alone
};

}  // namespace kprobed::engine
