// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "probespec/spec.h"
#include "probespec/token.h"

namespace kprobed::probespec {

/// [MOD:]SYMBOL[+offs|-offs] or MEMADDR. Errors: syntax, bad_number, bad_name (MOD), wrong_place (a
/// return probe away from the entry).
Result<ProbePoint> parse_point(const Token& token, ProbeKind kind);

}  // namespace kprobed::probespec
