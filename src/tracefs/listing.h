// SPDX-License-Identifier: Apache-2.0
//
// What the kernel lists in kprobe_events, uprobe_events and dynamic_events, and how it wants to be
// told which of that to remove.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tracefs/events_file.h"
#include "tracefs/tracefs.h"

namespace kprobed::tracefs {

/// One line as the kernel lists it: "r10:kprobed/e3 do_sys_openat2 rv=$retval:s64". It is the
/// kernel's spelling, not ours: "SYM+0" is listed as "SYM", "SYM+0x10" as "SYM+16", the "%return"
/// of a kprobe or uprobe as an 'r', an unnamed argument as "arg1=...", an address hashed, the
/// offset of a uprobe in as many hex digits as a pointer has.
struct ListedProbe {
  std::string text;  ///< the whole line
  char kind = '?';   ///< 'p', 'r', 'f' or 't'
  std::string group;
  std::string event;
  std::string place;  ///< "do_sys_openat2", "vfs_read+16", "nf_nat:nf_nat_init",
                      ///< "/usr/bin/bash:0x0000000000031e40(0x10)", "vfs_read%return" ('f')
  std::string rest;   ///< fetchargs, "" if none
  EventsFile file = EventsFile::kprobe;  ///< which file it is removed by

  /// What removes exactly this probe, and not its siblings under the same event name (KERNEL-FACTS
  /// 25): "-:kprobed/e3 do_sys_openat2 rv=$retval:s64". The kernel compares with its own spelling,
  /// so that what is listed is what must be written: "SYM+0" finds nothing (seen on 5.10, 6.1,
  /// 6.12; trace_kprobe_match_command_head in kernel/trace/trace_kprobe.c). One exception: an
  /// fprobe is listed as "SYM%return" and compared as "SYM" (trace_fprobe_match_command_head).
  std::string removal() const;

  /// removal(), then the spellings for kernels that compare only the first 63 bytes of a word,
  /// which a long module symbol or argument exceeds; the path of a uprobe is compared whole. Each
  /// finds this probe or none, unless a sibling equals it in those 63 bytes; then such a kernel
  /// cannot tell them apart at all.
  std::vector<std::string> removals() const;

  bool operator==(const ListedProbe&) const = default;
};

/// The place of a kprobe as the kernel lists it, out of one that may be written: "vfs_read+0x10" is
/// "vfs_read+16", "vfs_read+0" is "vfs_read".
std::string listed_place(std::string_view written);

/// The lines of `text`, the content of `file`, that are probes of that file: 'p' and 'r' of
/// kprobe_events and uprobe_events, 'f' and 't' of dynamic_events (which lists the others as well).
/// Everything else (or what cannot be understood) is left out.
std::vector<ListedProbe> parse_listing(std::string_view text, EventsFile file = EventsFile::kprobe);

/// The probes of one file. Errors: what reading it says (ENOENT: this kernel has no such file).
Result<std::vector<ListedProbe>> list(const Tracefs& tracefs, EventsFile file);

/// The probes of all three, file after file. A file that this kernel has not is passed over; if it
/// has none of them, the error is that of kprobe_events.
Result<std::vector<ListedProbe>> list(const Tracefs& tracefs);

}  // namespace kprobed::tracefs
