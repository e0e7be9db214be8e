// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace kprobed::daemon {

/// `kprobed --sweep`: removes the lines of a daemon that is gone, and says so in the journal. Gives
/// the exit status. Does nothing while a daemon runs.
int sweep_after_daemon();

}  // namespace kprobed::daemon
