// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "probespec/spec.h"
#include "probespec/token.h"

namespace kprobed::probespec {

/// What follows a fetch, its ':' included: a type's word, bWIDTH@OFFSET/CONTAINER, and behind them
/// [N]; or string{N}, ustring{N}. Whether it suits the fetch is not asked here. Errors: syntax,
/// bad_number, unknown_type, wrong_place (what cannot be an array or bounded).
Result<FetchType> parse_type(const Token& colon_on);

}  // namespace kprobed::probespec
