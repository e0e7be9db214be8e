// SPDX-License-Identifier: Apache-2.0
//
// `if dfd >= 0 && comm ~ "nginx*"` as the kernel's filter, under the names that the record has.
// Checked here, since a filter can be set once per event and the kernel's errors about it mislead
// (KERNEL-FACTS 6.4).
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "probespec/spec.h"
#include "resolve/kernel_view.h"
#include "resolve/resolved_probe.h"

namespace kprobed::resolve {

/// The filter for PERF_EVENT_IOC_SET_FILTER. Errors carry Spans: not_found (nothing recorded has
/// that name), wrong_place (text compared as a number, a field that no filter can read, ...),
/// bad_number (out of the field's range), too_long (a page).
Result<std::string> translate_condition(const probespec::Condition& condition,
                                        const probespec::ProbeSpec& spec,
                                        const std::vector<ResolvedArg>& args,
                                        const KernelView& kernel, std::vector<Remark>& remarks);

}  // namespace kprobed::resolve
