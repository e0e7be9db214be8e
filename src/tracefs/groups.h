// SPDX-License-Identifier: Apache-2.0
//
// The names of our own groups of events, and whose they are. Everything that is not named here is
// somebody else's and is never touched.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace kprobed::tracefs {

inline constexpr std::string_view kDaemonGroup = "kprobed";

/// The process that owns a `kprobectl run` group.
struct RunOwner {
  std::int32_t pid = 0;
  std::uint64_t start_time = 0;  ///< field 22 of /proc/PID/stat: clock ticks since boot

  bool operator==(const RunOwner&) const = default;
};

/// "kprobed_run_<pid>_<start time>"
std::string run_group(const RunOwner& owner);
/// The inverse; nullopt for any other group name.
std::optional<RunOwner> parse_run_group(std::string_view group);

/// Of this process.
Result<RunOwner> own_identity();

/// Does that very process still live? Compares the start time, so a reused pid does not count, nor
/// does one that has ended and only waits for its parent. What cannot be found out counts as alive.
bool alive(const RunOwner& owner);

/// Field 22 out of the text of /proc/PID/stat (comm may hold blanks and parentheses).
std::optional<std::uint64_t> parse_start_time(std::string_view stat);

/// Are pids here those of the initial pid namespace? Elsewhere run groups of others cannot be
/// judged.
bool in_initial_pid_namespace();

}  // namespace kprobed::tracefs
