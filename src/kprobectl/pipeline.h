// SPDX-License-Identifier: Apache-2.0
//
// Who reads what this command writes: `kprobectl stream | jq | tee file`. What these processes do
// with an event must not become the next event (a probe on vfs_write would never rest). Known by
// the pipes that they hold, and only within this process's own group: nobody else can hide there.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string_view>

namespace kprobed::kprobectl {

class Pipeline {
 public:
  /// `output`: the descriptor that is written to.
  explicit Pipeline(int output);

  /// Is `pid` one of those? Asked of the kernel when a process is seen first, and again a second
  /// later: a pipeline's commands start one after the other. Costs a few system calls then.
  bool has(std::uint32_t pid);

 private:
  void look();

  int output_;
  bool piped_ = false;
  std::set<std::uint32_t> readers_;
  std::map<std::uint32_t, std::uint64_t> others_;  ///< and when that was found
};

/// Of an event's line as kprobed writes it; 0 if it has none.
std::uint32_t pid_of(std::string_view line);

}  // namespace kprobed::kprobectl
