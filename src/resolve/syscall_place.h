// SPDX-License-Identifier: Apache-2.0
//
// System calls under the names people know: `openat` and `sys_openat` are __x64_sys_openat on
// x86-64, which gets one pointer to the caller's registers instead of arguments
// (arch/*/include/asm/syscall_wrapper.h).
#pragma once

#include <optional>
#include <string>

#include "probespec/spec.h"
#include "resolve/kernel_view.h"
#include "resolve/resolved_probe.h"

namespace kprobed::resolve {

struct SyscallPlace {
  std::string name;         ///< "openat"
  std::string symbol;       ///< "__x64_sys_openat"; "sys_openat" on machines without wrappers
  bool wrapped = false;     ///< arguments lie in the pt_regs that the function is given
  bool as_written = false;  ///< the user wrote that very function
};

/// The system call that `point` names. nullopt if the kernel has a function of exactly that name
/// (unless it is the call's own), or no such call.
std::optional<SyscallPlace> find_syscall(const probespec::ProbePoint& point,
                                         const KernelView& kernel);

/// Says which function stands for the call, and which calls do not pass there.
Remark syscall_remark(const SyscallPlace& syscall, const Span& span, const KernelView& kernel);

}  // namespace kprobed::resolve
