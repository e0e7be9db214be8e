// SPDX-License-Identifier: Apache-2.0
//
// The state file: it exists while the daemon runs, so that finding one at start means that the last
// daemon did not stop by itself. Written atomically; a reader sees the old one or the new one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/control.h"
#include "wire/state.h"

namespace kprobed::daemon {

class StateStore {
 public:
  explicit StateStore(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }

  /// nullopt if there is none. `malformed`: there is one, but nothing can be learned from it.
  Result<std::optional<wire::StateFile>> load() const;
  /// Temporary file, fsync, rename. The last state stays if that fails.
  Result<void> save(const wire::StateFile& state) const;
  /// After a clean stop. Fine if there is none.
  Result<void> clear() const;

 private:
  std::string path_;
};

inline constexpr std::uint64_t kCrashWindowMs = 120'000;
inline constexpr std::size_t kCrashesToHold = 3;

/// How to begin, given what the last daemon left.
struct Beginning {
  std::vector<engine::ProbeWish> wishes;      ///< to restore; those whose time is over are gone
  std::vector<std::uint64_t> crash_times_ms;  ///< those within the window, this one included
  bool hold = false;                          ///< too many crashes
};

/// `left`: the state file that was found. Pure; `now_ms` is CLOCK_BOOTTIME.
Beginning begin_after_crash(const wire::StateFile& left, std::uint64_t now_ms);

/// Those of `kept`, the file of persistent probes, that are not among the wishes yet: after a clean
/// stop or a reboot all of them, after a crash mostly none.
void add_persistent(Beginning& beginning, const wire::StateFile& kept);
std::vector<engine::ProbeWish> persistent(const std::vector<engine::ProbeWish>& wishes);

wire::StateFile to_state(const std::vector<engine::ProbeWish>& wishes,
                         const std::vector<std::uint64_t>& crash_times_ms);

}  // namespace kprobed::daemon
