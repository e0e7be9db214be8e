// SPDX-License-Identifier: Apache-2.0
//
// `kprobectl sweep`: removes what a killed `kprobectl run` left in tracefs, and nothing else.
#pragma once

#include "engine/machine.h"

namespace kprobed::kprobectl {

/// Returns an ExitCode; says what was removed.
int sweep();

/// The same at the start of every run: silent if there is nothing to do; a failure is said, not
/// fatal.
void sweep_before_arming(const engine::Machine& machine, bool quiet);

}  // namespace kprobed::kprobectl
