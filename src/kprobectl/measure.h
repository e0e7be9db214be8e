// SPDX-License-Identifier: Apache-2.0
//
// The price before the probe: `kprobectl check --measure` arms it for a moment so that the kernel
// counts its hits and records none.
#pragma once

#include <chrono>
#include <string>

#include "engine/governor.h"
#include "engine/machine.h"
#include "resolve/resolved_probe.h"

namespace kprobed::kprobectl {

inline constexpr std::chrono::milliseconds kMeasureTime{250};

struct Measured {
  double hits_per_second = 0;        ///< after the probe's condition, on all CPUs
  double cpu_share = 0;              ///< of one CPU, if all of them were recorded
  double line_bytes_per_second = 0;  ///< the same; text counts as empty
  bool within_budget = true;         ///< of what kprobed allows a probe by default
};

/// Arms `probe` in a group of this process, count-only, waits, and takes it away again. Errors:
/// what arming says.
Result<Measured> measure(const engine::Machine& machine, const resolve::ResolvedProbe& probe,
                         const engine::Prices& prices);

/// One sentence.
std::string describe(const Measured& measured);

}  // namespace kprobed::kprobectl
