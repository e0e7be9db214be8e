// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "probespec/spec.h"
#include "probespec/token.h"

namespace kprobed::probespec {

/// The second word, as the first one (parse_head) wants it: fills spec.point; '%return' makes
/// spec.kind on_return, GROUP/EVENT makes spec.mechanism event. Errors: syntax, bad_number,
/// bad_name (MOD, GROUP, EVENT), wrong_place (what that kind of probe cannot have).
Result<void> parse_point(const Token& token, ProbeSpec& spec);

/// PATH:SYMBOL[+offs] or PATH:OFFSET, each with [%return], an OFFSET with [(REFCTR)]: a place in a
/// program or library. Fills spec.point. Same errors.
Result<void> parse_program_point(const Token& token, ProbeSpec& spec);

}  // namespace kprobed::probespec
