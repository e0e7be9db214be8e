// SPDX-License-Identifier: Apache-2.0
//
// Points that stand for several functions: `tcp_v4_*`, `SYM%all`. They become one kernel event of
// several kprobes (KERNEL-FACTS 23).
#pragma once

#include "base/result.h"
#include "probespec/spec.h"
#include "resolve/place.h"
#include "resolve/resolved_probe.h"

namespace kprobed::resolve {

/// The functions that spec.point stands for and that can be probed: one gives an ordinary place,
/// more give Place::members, with the point's own text as the symbol. Remarks: "members",
/// "skipped". Errors: symbol_not_found, too_many, bad_address (none of them can be probed),
/// no_permission.
Result<Place> find_members(const probespec::ProbeSpec& spec, const KernelView& kernel,
                           const ResolveOptions& options);

}  // namespace kprobed::resolve
