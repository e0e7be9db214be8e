// SPDX-License-Identifier: Apache-2.0
//
// `kprobectl add SPEC...` and `kprobectl apply FILE`: specs are parsed here, so that a typo dies
// before anybody is asked, and sent as one text; the daemon arms all of them or none.
#pragma once

#include <chrono>
#include <optional>

#include "kprobectl/daemon.h"
#include "kprobectl/spec_input.h"

namespace kprobed::kprobectl {

struct AddOptions {
  DaemonOptions daemon;
  SpecInput input;
  std::optional<std::chrono::milliseconds> keep_for;  ///< --for
  bool follow_drift = false;                          ///< --resolve
  bool persist = false;                               ///< also after a reboot
  bool exact = false;                                 ///< not to be sampled
  bool pending = false;                               ///< unknown symbols are waited for
  bool disabled = false;
  bool allow_oversize = false;
};

/// Returns an ExitCode. What was armed goes to standard output, notes and errors to standard error.
int add(const AddOptions& options);

struct ApplyOptions {
  DaemonOptions daemon;
  std::string file;           ///< "-" is standard input; without probes in it, all are removed
  bool follow_drift = false;  ///< --resolve
  bool allow_oversize = false;
};

/// Returns an ExitCode; prints +added, -removed and =kept, one name a line.
int apply(const ApplyOptions& options);

/// "do_sys_openat2: armed on 2 CPUs, for 10m"
std::string added_line(const wire::ProbeInfo& probe);

/// The first untyped `rv` in `specs`: a value that one will want to compare with < 0. nullptr if
/// there is none.
const probespec::FetchArg* untyped_return_value(const std::vector<probespec::ProbeSpec>& specs);

}  // namespace kprobed::kprobectl
