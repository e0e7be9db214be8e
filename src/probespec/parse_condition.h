// SPDX-License-Identifier: Apache-2.0
//
// What follows the word `if`: which of the events are wanted.
#pragma once

#include "base/result.h"
#include "probespec/spec.h"
#include "probespec/token.h"

namespace kprobed::probespec {

/// The whole of `text`, which is what follows `if`, blanks included; `word` is the `if`. A group of
/// the same kind as the one around it becomes part of that: (a && b) && c is a && b && c. What a
/// name stands for is not asked here. Errors: syntax, bad_number, wrong_place (an operator that
/// does not go with text, or needs it), too_long (a text), too_many (nesting).
Result<Condition> parse_condition(const Token& word, const Token& text);

}  // namespace kprobed::probespec
