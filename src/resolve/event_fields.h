// SPDX-License-Identifier: Apache-2.0
//
// The arguments of `t GROUP/EVENT`: fields that the kernel's own event has.
#pragma once

#include <vector>

#include "base/result.h"
#include "resolve/c_types.h"
#include "resolve/fetch_base.h"
#include "resolve/resolved_probe.h"

namespace kprobed::resolve {

/// Those that the spec names, or all of them if it names none. Errors carry Spans: not_found (no
/// such field), wrong_place (a type that its bytes are not), those of KernelView::event_format.
Result<std::vector<ResolvedArg>> resolve_event_fields(const FetchContext& context,
                                                      const TypeRules& rules);

}  // namespace kprobed::resolve
