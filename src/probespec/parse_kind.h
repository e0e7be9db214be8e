// SPDX-License-Identifier: Apache-2.0
//
// The first word of a spec. kprobe_events has more of them than this language takes; each of those
// is told what it is and what to write instead.
#pragma once

#include "base/result.h"
#include "probespec/spec.h"
#include "probespec/token.h"

namespace kprobed::probespec {

/// 'p' or 'r'; a syntax error for anything else.
Result<ProbeKind> parse_kind(const Token& word);

}  // namespace kprobed::probespec
