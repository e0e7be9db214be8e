// SPDX-License-Identifier: Apache-2.0
//
// `kprobectl check SPEC...`: what would be armed, without arming.
#pragma once

#include "kprobectl/spec_input.h"

namespace kprobed::kprobectl {

struct CheckOptions {
  SpecInput input;
  bool follow_drift = false;  ///< --resolve
  bool allow_oversize = false;
  bool measure = false;  ///< arm each for a moment, counting only
  bool json = false;     ///< one JSON object instead of text
};

/// Returns an ExitCode: kDone if every spec could be armed as far as can be known beforehand.
int check(const CheckOptions& options);

}  // namespace kprobed::kprobectl
