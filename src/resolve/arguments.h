// SPDX-License-Identifier: Apache-2.0
//
// Fetchargs made exact: base, fields, dereferences, type, and what they mean to people.
#pragma once

#include <vector>

#include "base/result.h"
#include "resolve/fetch_base.h"
#include "resolve/resolved_probe.h"

namespace kprobed::resolve {

/// All of the spec's arguments at context.place; $args gives one for each parameter. Errors carry
/// Spans: those of translate_base, and unsupported, too_long, too_many, name_used, wrong_place,
/// unknown_type, bad_number, not_found (no such field or parameter).
Result<std::vector<ResolvedArg>> resolve_arguments(const FetchContext& context,
                                                   std::vector<Remark>& remarks);

/// Fills probe.padding if the kernel must zero the record first (see there), and says in each
/// argument what an unreadable value is: `zero` with padding, `stale` without. probe.args,
/// fixed_bytes and worst_bytes are set before; the latter two grow by what the padding takes.
void add_padding(ResolvedProbe& probe);

}  // namespace kprobed::resolve
