// SPDX-License-Identifier: Apache-2.0
//
// `kprobectl stream [PROBE...]`: the daemon's events until a signal, the count or the reader ends
// it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kprobectl/daemon.h"
#include "kprobectl/printer.h"

namespace kprobed::kprobectl {

struct StreamOptions {
  DaemonOptions daemon;
  std::vector<std::string> probes;     ///< names and globs; empty: all
  std::vector<std::uint32_t> pids;     ///< empty: all
  std::optional<std::uint64_t> count;  ///< end after so many events
  OutputForm form = OutputForm::json;
  bool about_stream = false;  ///< --all: in JSON also hello and schema lines
  bool own = false;           ///< also what this process causes, and who reads its output
  std::string resume;         ///< "STREAM:SEQ"; "": from now on
};

/// Returns an ExitCode: kDone when it ended as wished, kFailed if kprobed went away. `output` is a
/// descriptor; it is not closed.
int stream(const StreamOptions& options, int output);

/// "STREAM:SEQ"; the colon is the last one.
Result<wire::Resume> parse_resume(const std::string& text);

}  // namespace kprobed::kprobectl
