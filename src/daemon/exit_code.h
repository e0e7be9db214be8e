// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"

namespace kprobed::daemon {

/// Exit statuses, as kprobed(8) promises them. systemd does not try again after kUsage and
/// kNoPermission.
enum ExitCode : int { kDone = 0, kFailed = 1, kUsage = 2, kNoPermission = 3 };

inline ExitCode exit_code_of(const Error& error) {
  if (error.code == ErrorCode::no_permission) return kNoPermission;
  return error.code == ErrorCode::usage ? kUsage : kFailed;
}

}  // namespace kprobed::daemon
