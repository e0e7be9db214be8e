// SPDX-License-Identifier: Apache-2.0
//
// What the daemon must remember if it is killed: the probes that were added live, and when it
// crashed. One JSON object, kept in the runtime directory (so a reboot forgets it); written
// atomically by the daemon, and read as input that may be damaged.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace kprobed::wire {

inline constexpr int kStateVersion = 1;
inline constexpr std::size_t kMaxStateBytes = std::size_t{64} << 20;  ///< more is damage

/// Enough to add the probe again as its owner did.
struct SavedProbe {
  std::string spec, name;
  std::uint32_t owner_uid = 0;
  bool disabled = false;
  std::optional<std::uint64_t> expires_boottime_ms;  ///< CLOCK_BOOTTIME
  bool resolve = false, allow_oversize = false;
  std::string added;   ///< RFC 3339
  std::string origin;  ///< "", "persist", or the path of the file that it is from
  std::string asked;   ///< that file's own line
  bool pending = false;
  bool exact = false;

  bool operator==(const SavedProbe&) const = default;
};

struct StateFile {
  int version = kStateVersion;
  std::vector<SavedProbe> probes;
  std::vector<std::uint64_t> crash_times_ms;  ///< CLOCK_BOOTTIME, oldest first

  bool operator==(const StateFile&) const = default;
};

/// One line, ending in '\n'.
std::string encode_state(const StateFile& state);

/// Any bytes at all. `malformed` for what is no state file, or cut off; `too_long` beyond
/// kMaxStateBytes; `unsupported` for one of a newer daemon.
Result<StateFile> decode_state(std::string_view text);

}  // namespace kprobed::wire
