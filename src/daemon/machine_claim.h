// SPDX-License-Identifier: Apache-2.0
//
// There is one daemon per machine, whatever its socket is called: its group in kprobe_events is
// one, and whoever starts takes everything in it for leftovers. The claim is a lock on the
// directory of tracefs, which ends with the process that holds it.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"
#include "tracefs/tracefs.h"

namespace kprobed::daemon {

/// Holds as long as the descriptor is open. `busy` if another daemon holds it.
Result<UniqueFd> claim_machine(const tracefs::Tracefs& tracefs);

}  // namespace kprobed::daemon
