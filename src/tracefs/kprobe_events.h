// SPDX-License-Identifier: Apache-2.0
//
// The file kprobe_events: append one line per write, list, remove by full text. Never truncated:
// O_TRUNC deletes everybody's probes (KERNEL-FACTS trap 9).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tracefs/tracefs.h"

namespace kprobed::tracefs {

/// What one line may have, without its newline (WRITE_BUFSIZE - 2, kernel/trace/trace.c).
inline constexpr std::size_t kMaxLine = 4094;

/// One line as the kernel lists it: "r10:kprobed/e3 do_sys_openat2 rv=$retval:s64". It is the
/// kernel's spelling, not ours: "SYM+0" is listed as "SYM", "SYM+0x10" as "SYM+16", "SYM%return" as
/// an 'r', an unnamed argument as "arg1=...", an address hashed.
struct ListedProbe {
  std::string text;  ///< the whole line
  char kind = '?';   ///< 'p' or 'r'
  std::string group;
  std::string event;
  std::string place;  ///< "do_sys_openat2", "vfs_read+16", "nf_nat:nf_nat_init"
  std::string rest;   ///< fetchargs, "" if none

  /// What removes exactly this probe, and not its siblings under the same event name (KERNEL-FACTS
  /// 25): "-:kprobed/e3 do_sys_openat2 rv=$retval:s64". The kernel compares with its own spelling,
  /// so that what is listed is what must be written: "SYM+0" finds nothing (seen on 5.10, 6.1,
  /// 6.12; trace_kprobe_match_command_head in kernel/trace/trace_kprobe.c).
  std::string removal() const;

  /// removal(), then the spellings for kernels that compare only the first 63 bytes of a word,
  /// which a long module symbol or argument exceeds. Each finds this probe or none, unless a
  /// sibling equals it in those 63 bytes; then such a kernel cannot tell them apart at all.
  std::vector<std::string> removals() const;

  bool operator==(const ListedProbe&) const = default;
};

/// Lines that are not kprobe events (or cannot be understood) are left out.
std::vector<ListedProbe> parse_listing(std::string_view text);

Result<std::vector<ListedProbe>> list(const Tracefs& tracefs);

/// What the kernel said to a line, from errno and error_log. error_log can be stale (some failures
/// log nothing), so an entry counts only if its Command is our line and it was not there before.
struct Refusal {
  int sys_errno = 0;
  std::string kernel_text;   ///< error_log's sentence; "" if it said nothing
  std::int64_t column = -1;  ///< byte of our line it points at; -1 if none
  std::string meaning;       ///< our sentence for it
  std::string hint;          ///< what to do; may be empty
  ErrorCode code = ErrorCode::kernel_refused;
};

/// One entry of error_log.
struct LoggedError {
  std::string location;      ///< "trace_kprobe"
  std::string text;          ///< "Invalid register name"
  std::string command;       ///< the line the kernel blames
  std::int64_t column = -1;  ///< byte of `command` under the caret; -1 if there is no caret
  bool cut = false;          ///< `command` lost its end
  std::string stamp;         ///< "2.865356", seconds of the trace clock: tells equal errors apart
  bool operator==(const LoggedError&) const = default;
};

/// Oldest first, as the kernel lists them (it keeps 8, of all tracers). What is not an entry is
/// left out. Kernels before 5.16 cut `command` after 243 bytes (MAX_FILTER_STR_VAL in
/// kernel/trace/trace.c) and keep the column modulo 256.
std::vector<LoggedError> parse_error_log(std::string_view text);

/// Explains `sys_errno` after `line` was refused; `log_after` is error_log read after the refusal
/// and `log_before` read before it. A sentence this program does not know is passed on as it is.
/// Pure.
Refusal explain_refusal(std::string_view line, int sys_errno, std::string_view log_before,
                        std::string_view log_after);

/// Appends `line` (no newline) in one write. A refusal comes back in `refusal` (may be null) with
/// the Error made of it (without the errnos EILSEQ and EADDRNOTAVAIL, whose usual texts mislead:
/// `refusal` has them); other failures (no permission, no file) leave refusal.sys_errno 0. Lines
/// that the kernel would take for something else are not written: over kMaxLine bytes (too_long),
/// with '\n' or '#' in it, or empty (syntax).
Result<void> append(const Tracefs& tracefs, std::string_view line, Refusal* refusal);

/// Removes one probe by full line text. Already gone is success: ENOENT, and the listing has it no
/// more. While descriptors are still closing (a killed process: KERNEL-FACTS 35) the kernel says
/// EBUSY: tried again until `patience` is over, then `busy`. At least one try is made.
Result<void> remove(const Tracefs& tracefs, const ListedProbe& probe,
                    std::chrono::milliseconds patience);

}  // namespace kprobed::tracefs
