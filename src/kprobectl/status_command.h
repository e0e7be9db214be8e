// SPDX-License-Identifier: Apache-2.0
//
// `kprobectl list` and `kprobectl status`: what the daemon has, for people or as the reply's own
// JSON object.
#pragma once

#include "kprobectl/daemon.h"

namespace kprobed::kprobectl {

enum class ListForm : std::uint8_t { json, table, names };

// Both return an ExitCode.
int list(const DaemonOptions& daemon, ListForm form);
int status(const DaemonOptions& daemon, bool json);

}  // namespace kprobed::kprobectl
