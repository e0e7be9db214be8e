// SPDX-License-Identifier: Apache-2.0
//
// Defining and removing events: one line per write into kprobe_events, uprobe_events or
// dynamic_events. Never truncated: O_TRUNC deletes everybody's probes (KERNEL-FACTS trap 9).
#pragma once

#include <chrono>
#include <string_view>

#include "base/result.h"
#include "tracefs/listing.h"
#include "tracefs/refusal.h"
#include "tracefs/tracefs.h"

namespace kprobed::tracefs {

/// What one line may have, without its newline (WRITE_BUFSIZE - 2, kernel/trace/trace.c).
inline constexpr std::size_t kMaxLine = 4094;

/// Appends `line` (no newline) in one write. A refusal comes back in `refusal` (may be null) with
/// the Error made of it (without the errnos EILSEQ and EADDRNOTAVAIL, whose usual texts mislead:
/// `refusal` has them); other failures (no permission, no file) leave refusal.sys_errno 0. Lines
/// that the kernel would take for something else are not written: over kMaxLine bytes (too_long),
/// with '\n' or '#' in it, or empty (syntax).
Result<void> append(const Tracefs& tracefs, EventsFile file, std::string_view line,
                    Refusal* refusal);

/// Removes one probe by full line text. Already gone is success: ENOENT, and the listing has it no
/// more. While descriptors are still closing (a killed process: KERNEL-FACTS 35) the kernel says
/// EBUSY: tried again until `patience` is over, then `busy`. At least one try is made.
///
/// A uprobe that shares its event with others is not touched (kernel_refused): if a descriptor of
/// the event were still open, the kernel would use freed memory (KERNEL-FACTS 24), and nobody can
/// ask whether one is. Ours never share; somebody else has added to our event.
Result<void> remove(const Tracefs& tracefs, const ListedProbe& probe,
                    std::chrono::milliseconds patience);

/// The same with one spelling, probe.removal(), and without a look at the listing: false if the
/// kernel finds no such probe, which may be spelled otherwise. For kprobes, whose siblings may
/// stay.
Result<bool> remove_as_spelled(const Tracefs& tracefs, const ListedProbe& probe,
                               std::chrono::milliseconds patience);

/// Removes GROUP/EVENT with all the lines it has, in one write: "-:GROUP/EVENT". Same errors, same
/// patience. After `busy` some of its lines may be gone: as long as a descriptor is open the kernel
/// deletes all kprobes of the event but the last (KERNEL-FACTS 25).
Result<void> remove_event(const Tracefs& tracefs, EventsFile file, std::string_view group,
                          std::string_view event, std::chrono::milliseconds patience);

}  // namespace kprobed::tracefs
