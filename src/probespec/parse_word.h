// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "probespec/spec.h"
#include "probespec/token.h"

namespace kprobed::probespec {

/// The innermost word of a fetch, without fields: a 2009 word (a1, s0, r3, m0xc0ffee, rv, rp), the
/// kernel's (%di, $arg1, $stack, $retval, $comm, @0xc0ffee, @jiffies, @+0x40, \5, \"text"), $args,
/// or a name. 2009 words win over names; behind '$' a name is a name. Whether it suits the probe is
/// not asked here. Errors: syntax, bad_number.
Result<FetchBase> parse_word(const Token& word);

}  // namespace kprobed::probespec
