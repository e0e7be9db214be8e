// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "base/result.h"
#include "probespec/spec.h"
#include "probespec/token.h"

namespace kprobed::probespec {

struct ParsedComparison {
  Comparison comparison;
  std::size_t bytes = 0;  ///< of the text that it takes
};

/// FIELD OP VALUE at the front of `text`, blanks between them or not. Errors: syntax, bad_number,
/// wrong_place, too_long, as parse_condition.
Result<ParsedComparison> parse_comparison(const Token& text);

}  // namespace kprobed::probespec
