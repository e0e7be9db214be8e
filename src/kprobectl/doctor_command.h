// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kprobectl/daemon.h"
#include "kprobectl/doctor.h"

namespace kprobed::kprobectl {

/// Looks at this machine; changes nothing.
DoctorFacts gather_facts(const DaemonOptions& daemon);

/// Prints the report. kDone, or kFailed if there is a problem.
int doctor(const DaemonOptions& daemon);

}  // namespace kprobed::kprobectl
