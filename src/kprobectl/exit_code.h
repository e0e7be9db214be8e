// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"

namespace kprobed::kprobectl {

/// Exit statuses, as kprobectl(1) promises them.
enum ExitCode : int {
  kDone = 0,
  kFailed = 1,        ///< the kernel, the machine or the daemon said no
  kUsage = 2,         ///< the command line or a spec is wrong
  kNoPermission = 3,  ///< needs root, a capability or the group
  kNotRunning = 4,    ///< there is no daemon
};

inline ExitCode exit_code_of(const Error& error) {
  if (error.code == ErrorCode::no_permission) return kNoPermission;
  // The machine's word, whichever spec it was said to.
  if (error.code == ErrorCode::exhausted || error.code == ErrorCode::busy) return kFailed;
  // An error that points at something the user wrote is about what they wrote.
  return error.code == ErrorCode::usage || error.span.known() ? kUsage : kFailed;
}

/// The same for an error of Connection::open(), where not_found is the daemon itself.
inline ExitCode exit_code_of_connect(const Error& error) {
  return error.code == ErrorCode::not_found ? kNotRunning : exit_code_of(error);
}

}  // namespace kprobed::kprobectl
