// SPDX-License-Identifier: Apache-2.0
//
// Arguments of a probe that stands for several functions. They share one kernel event, whose
// fetchargs are the same for all of them (trace_probe_compare_arg_type and trace_kprobe_has_same,
// kernel/trace: names and types; what is fetched we demand ourselves, or a field would mean
// something else in each function).
#pragma once

#include <vector>

#include "base/result.h"
#include "resolve/place.h"
#include "resolve/resolved_probe.h"

namespace kprobed::resolve {

/// resolve_arguments() for place.members. Functions that have no such parameter, or no known
/// prototype, are taken out of them, with a remark, as long as one is left. wrong_place where the
/// others come out differently: names the first function that differs and what it has.
Result<std::vector<ResolvedArg>> resolve_member_arguments(const probespec::ProbeSpec& spec,
                                                          Place& place, const KernelView& kernel,
                                                          std::vector<Remark>& remarks);

}  // namespace kprobed::resolve
