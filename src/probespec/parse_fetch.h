// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "base/result.h"
#include "probespec/spec.h"
#include "probespec/token.h"

namespace kprobed::probespec {

/// A fetch and what follows it in its token.
struct ParsedFetch {
  FetchExpr expr;
  Token word;  ///< the innermost one
  Token rest;  ///< empty, or begins with ':'
};

/// WORD, or +off(FETCH), -off(FETCH), +uoff(FETCH), -uoff(FETCH), at the front of `token`. Errors:
/// syntax, bad_number.
Result<ParsedFetch> parse_fetch(const Token& token);

}  // namespace kprobed::probespec
