// SPDX-License-Identifier: Apache-2.0
//
// The daemon's state as people read it.
#pragma once

#include <string>
#include <vector>

#include "wire/messages.h"

namespace kprobed::kprobectl {

/// One name a line.
std::string probe_names(const std::vector<wire::ProbeInfo>& probes);

/// NAME STATE HITS EXPIRES SPEC; "no probes" if there are none.
std::string probe_list(const std::vector<wire::ProbeInfo>& probes);

/// Version and uptime, rings and log, probes with their remarks, clients.
std::string status_screen(const wire::StatusReply& status);

/// What one should know about a probe: why it is in its state, why it may never fire, why something
/// is missing.
std::vector<std::string> remarks_about(const wire::ProbeInfo& probe);

}  // namespace kprobed::kprobectl
