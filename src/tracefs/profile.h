// SPDX-License-Identifier: Apache-2.0
//
// kprobe_profile: how often each probe was hit, and how often the kernel could not run it. The file
// has no group column (KERNEL-FACTS trap 19), but it walks the same list as kprobe_events does, so
// that its rows are told apart by their order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tracefs/kprobe_events.h"

namespace kprobed::tracefs {

/// One row: "  e3                     12               0".
struct ProfileRow {
  std::string event;
  std::uint64_t hits = 0;    ///< counted before filters and before anything perf drops
  std::uint64_t missed = 0;  ///< kprobe.nmissed; from 5.15 on plus kretprobe.nmissed
  bool operator==(const ProfileRow&) const = default;
};
/// Lines that are no rows are left out.
std::vector<ProfileRow> parse_profile(std::string_view text);

struct ProfiledProbe {
  ListedProbe probe;
  std::uint64_t hits = 0;
  std::uint64_t missed = 0;
  bool operator==(const ProfiledProbe&) const = default;
};
/// Puts the n-th row to the n-th listed probe. `malformed` if they do not go together: something
/// was added or removed between the two reads.
Result<std::vector<ProfiledProbe>> match_profile(const std::vector<ListedProbe>& listing,
                                                 const std::vector<ProfileRow>& rows);

/// Every probe of the machine with its counts: reads kprobe_profile between two equal listings, up
/// to four times while somebody is adding or removing, then `busy`.
Result<std::vector<ProfiledProbe>> profile(const Tracefs& tracefs);

}  // namespace kprobed::tracefs
