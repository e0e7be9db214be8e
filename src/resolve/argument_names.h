// SPDX-License-Identifier: Apache-2.0
//
// What the arguments of a probe are called: in the output, and in the kernel's record.
#pragma once

#include <vector>

#include "base/result.h"
#include "resolve/resolved_probe.h"

namespace kprobed::resolve {

/// Gives each its kernel_name: its own name if kprobe_events can take it, else "argN". Errors:
/// name_used (two of one name), too_many.
Result<void> name_for_kernel(std::vector<ResolvedArg>& args);

/// name_used where two have the same name in the output.
Result<void> check_names_differ(const std::vector<ResolvedArg>& args);

}  // namespace kprobed::resolve
