// SPDX-License-Identifier: Apache-2.0
//
// kprobe_profile and uprobe_profile: how often each probe was hit, and of kprobes how often the
// kernel could not run it. The files have no group column (KERNEL-FACTS trap 19), but they walk the
// same list as kprobe_events and uprobe_events do, so that their rows are told apart by their
// order. What dynamic_events alone can define has no such file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tracefs/listing.h"

namespace kprobed::tracefs {

/// One row: "  e3                     12               0" of a kprobe, or
/// "  /usr/bin/bash u1                     12" of a uprobe.
struct ProfileRow {
  std::string event;
  std::uint64_t hits = 0;  ///< counted before filters and before anything perf drops
  /// kprobe.nmissed; from 5.15 on plus kretprobe.nmissed. None: a uprobe.
  std::optional<std::uint64_t> missed;
  std::string path = {};  ///< of a uprobe
  bool operator==(const ProfileRow&) const = default;
};
/// Lines that are no rows of `file`'s profile are left out.
std::vector<ProfileRow> parse_profile(std::string_view text, EventsFile file = EventsFile::kprobe);

struct ProfiledProbe {
  ListedProbe probe;
  std::uint64_t hits = 0;
  std::optional<std::uint64_t> missed;
  bool operator==(const ProfiledProbe&) const = default;
};
/// Puts the n-th row to the n-th listed probe, both of the same file. `malformed` if they do not go
/// together: something was added or removed between the two reads.
Result<std::vector<ProfiledProbe>> match_profile(const std::vector<ListedProbe>& listing,
                                                 const std::vector<ProfileRow>& rows);

/// Every probe of one file with its counts: reads the profile between two equal listings, up to
/// four times while somebody is adding or removing, then `busy`. unsupported for
/// EventsFile::dynamic.
Result<std::vector<ProfiledProbe>> profile(const Tracefs& tracefs, EventsFile file);

/// The same for all kprobes and all uprobes of the machine. A file that this kernel has not is
/// passed over; if it has neither, the error is that of kprobe_events.
Result<std::vector<ProfiledProbe>> profile(const Tracefs& tracefs);

}  // namespace kprobed::tracefs
