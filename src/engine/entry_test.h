// SPDX-License-Identifier: Apache-2.0
//
// Does this kernel take kprobes where functions begin? No file says so: it is tried, where the
// architecture has kernels that do not (ArchAbi::entry_sled_bytes).
#pragma once

#include "arch/arch_abi.h"
#include "tracefs/tracefs.h"

namespace kprobed::engine {

/// True if the kernel refuses a probe at the entry of a function that ftrace can trace, and takes
/// it behind what ftrace patches: KernelFeatures::entries_refused. The probe is only defined, never
/// enabled, in a group that is ours alone, and is gone on return. False for machines that need no
/// trial, and where none can be made (no root, no kprobes). Tried once per process.
bool entries_are_refused(const tracefs::Tracefs& tracefs, const arch::ArchAbi& abi);

}  // namespace kprobed::engine
