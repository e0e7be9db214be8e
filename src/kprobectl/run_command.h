// SPDX-License-Identifier: Apache-2.0
//
// `kprobectl run SPEC...`: the engine in this process, no daemon. Arms, streams until a signal, the
// count, the time or the reader ends it, and leaves nothing behind.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "kprobectl/printer.h"
#include "kprobectl/spec_input.h"

namespace kprobed::kprobectl {

struct RunOptions {
  SpecInput input;
  OutputForm form = OutputForm::json;
  std::optional<std::uint64_t> count;             ///< end after so many events
  std::optional<std::chrono::milliseconds> time;  ///< end after so long
  std::size_t ring_bytes = 0;                     ///< per CPU; 0: the default
  bool follow_drift = false;                      ///< --resolve
  bool allow_oversize = false;
  bool schema_lines = false;  ///< --all
  bool quiet = false;         ///< no notes, no summary
};

/// Returns an ExitCode. Messages go to standard error.
int run(const RunOptions& options);

}  // namespace kprobed::kprobectl
