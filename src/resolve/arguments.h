// SPDX-License-Identifier: Apache-2.0
//
// One fetcharg made exact: base, dereferences, type, and what it means to people.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "resolve/fetch_base.h"
#include "resolve/resolved_probe.h"

namespace kprobed::resolve {

/// `index` is the argument's place, from 0. Errors carry Spans: those of translate_base, and
/// unsupported, too_long.
Result<ResolvedArg> resolve_argument(const probespec::FetchArg& arg, std::size_t index,
                                     const FetchContext& context, std::vector<Remark>& remarks);

}  // namespace kprobed::resolve
