// SPDX-License-Identifier: Apache-2.0
//
// What must be known before the kernel is asked: it would do as told, and harm the machine.
#pragma once

#include "base/result.h"
#include "resolve/resolved_probe.h"

namespace kprobed::engine {

struct PreflightOptions {
  bool allow_oversize = false;  ///< --allow-oversize
  bool panic_on_warn = false;   ///< read_panic_on_warn()
};

/// /proc/sys/kernel/panic_on_warn; false if it cannot be read.
bool read_panic_on_warn();

/// `unsupported` where kprobes may bring the kernel down (KernelFeatures::kprobes_may_crash), and
/// `oversize` where a record could exceed what perf carries and the kernel's WARN about it would be
/// a panic (KERNEL-FACTS 12, 26). The Span is that of the argument that crosses the limit.
Result<void> preflight(const resolve::ResolvedProbe& probe, const resolve::KernelFeatures& features,
                       const PreflightOptions& options);

}  // namespace kprobed::engine
