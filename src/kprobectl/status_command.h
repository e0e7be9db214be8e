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
/// Of these probes, names or globs; none: of all. With `clients` of the clients instead.
int ledger(const DaemonOptions& daemon, const std::vector<std::string>& probes, bool clients,
           bool json);
int status(const DaemonOptions& daemon, bool json);

}  // namespace kprobed::kprobectl
