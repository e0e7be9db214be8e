// SPDX-License-Identifier: Apache-2.0
//
// The kernel's lists of where kprobes may be, may not be, and are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kprobed::symbols {

/// tracefs' available_filter_functions: "vfs_read" or "dummy_xmit [dummy]" per line.
class TraceableList {
 public:
  explicit TraceableList(std::string text);
  TraceableList(const TraceableList&) = delete;  // names_ point into text_
  TraceableList& operator=(const TraceableList&) = delete;

  bool empty() const { return names_.empty(); }
  bool contains(std::string_view name) const;

 private:
  std::string text_;
  std::vector<std::string_view> names_;  ///< sorted
};

/// debugfs' kprobes/blacklist (kernel/kprobes.c).
class Blacklist {
 public:
  /// "0xffffffff81000000-0xffffffff81000100\tname" per line; other lines are skipped. nullopt if
  /// the kernel hides the addresses (they are all 0). Pure.
  static std::optional<Blacklist> parse(std::string_view text);

  bool contains(std::uint64_t address) const;

 private:
  struct Range {
    std::uint64_t begin = 0, end = 0;
  };
  std::vector<Range> ranges_;  ///< sorted by begin; `end` never falls, so that they nest no deeper
};

/// debugfs' kprobes/list: "ffffffff8134cc50  k  vfs_read+0x0    [OPTIMIZED]" per line. The
/// addresses, sorted. nullopt if the kernel hides them. Pure.
std::optional<std::vector<std::uint64_t>> parse_probe_list(std::string_view text);

}  // namespace kprobed::symbols
