// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "probespec/spec.h"
#include "probespec/token.h"

namespace kprobed::probespec {

/// How long the name at the front of `text` is, its '$' included: what fields may stand behind.
std::size_t name_length(std::string_view text);

/// Do fields begin here?
bool at_field(std::string_view text);

/// "->name", ".name" and "[N]", one behind the other: the whole of `token`. Errors: syntax,
/// bad_number, too_many.
Result<std::vector<FieldStep>> parse_fields(const Token& token);

}  // namespace kprobed::probespec
