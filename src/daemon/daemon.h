// SPDX-License-Identifier: Apache-2.0
//
// The service from start to stop: who is made in which order, and what is undone at the end.
#pragma once

#include "daemon/config.h"
#include "daemon/options.h"

namespace kprobed::daemon {

/// Serves until SIGTERM or SIGINT. Gives the exit status.
int serve(const Options& options);

}  // namespace kprobed::daemon
