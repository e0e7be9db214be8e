// SPDX-License-Identifier: Apache-2.0
//
// Kernels that refuse probes where functions begin: on riscv64 from 6.10 to 6.17 ftrace's site is
// there, and kprobes may not share it (check_ftrace_location, kernel/kprobes.c). The few bytes that
// ftrace patches change no argument, so that an entry is as good behind them.
#pragma once

#include <optional>

#include "base/result.h"
#include "resolve/place.h"

namespace kprobed::resolve {

/// Moves a probe at a function's entry, and those of members, behind what ftrace patches, if this
/// kernel refuses the entry (KernelFeatures::entries_refused). unsupported for return probes, which
/// have no other place.
Result<void> pass_entry_sled(const probespec::ProbeSpec& spec, const KernelView& kernel,
                             Place& place);

/// On such a kernel a return probe becomes an fprobe, where the kernel has those: says so.
std::optional<Remark> return_by_fprobe(probespec::ProbeSpec& spec, const KernelView& kernel);

}  // namespace kprobed::resolve
