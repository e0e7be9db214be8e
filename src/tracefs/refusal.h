// SPDX-License-Identifier: Apache-2.0
//
// The kernel's no to a line, in our words: from the errno of the write, and from error_log, which
// the kernel keeps for that. Nothing here asks the kernel.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "tracefs/events_file.h"

namespace kprobed::tracefs {

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

/// Explains `sys_errno` after `line` was refused by `file`; `log_after` is error_log read after the
/// refusal and `log_before` read before it. A sentence this program does not know is passed on as
/// it is. Pure.
Refusal explain_refusal(EventsFile file, std::string_view line, int sys_errno,
                        std::string_view log_before, std::string_view log_after);

}  // namespace kprobed::tracefs
