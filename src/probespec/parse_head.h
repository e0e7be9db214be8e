// SPDX-License-Identifier: Apache-2.0
//
// The first word of a spec: which machinery, what the user calls it. kprobe_events and
// dynamic_events have more letters than this language takes; each of those is told what it is and
// what to write instead.
#pragma once

#include "base/result.h"
#include "probespec/spec.h"
#include "probespec/token.h"

namespace kprobed::probespec {

/// p, r[MAXACTIVE], f or t, each with [:[GROUP/]EVENT]: a spec with its kind, mechanism, names,
/// max_active, and the spans of these. Whether 't' is Mechanism::tracepoint or ::event and whether
/// '%return' follows is the point's business. Errors: syntax, bad_number, bad_name, too_long.
Result<ProbeSpec> parse_head(const Token& word);

}  // namespace kprobed::probespec
