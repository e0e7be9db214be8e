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
  Token word;  ///< the innermost one, without fields
  Token rest;  ///< empty, or begins with ':'
};

/// WORD with fields, or +off(FETCH), -off(FETCH), +uoff(FETCH), -uoff(FETCH), at the front of
/// `token`. Errors: syntax, bad_number, wrong_place (fields behind a word that has none), too_many.
Result<ParsedFetch> parse_fetch(const Token& token);

/// The whole of `token` as a word with fields, without dereferences. Same errors.
Result<FetchExpr> parse_value(const Token& token);

}  // namespace kprobed::probespec
