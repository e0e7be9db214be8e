// SPDX-License-Identifier: Apache-2.0
//
// `kprobectl remove`, `enable` and `disable`: NAME or pattern, or --all.
#pragma once

#include <vector>

#include "kprobectl/daemon.h"

namespace kprobed::kprobectl {

struct SelectOptions {
  DaemonOptions daemon;
  std::vector<std::string> probes;  ///< names and globs
  bool all = false;
};

// Each returns an ExitCode and prints whom it was done to, one a line.
int remove(const SelectOptions& options);
int enable(const SelectOptions& options);
int disable(const SelectOptions& options);

}  // namespace kprobed::kprobectl
