// SPDX-License-Identifier: Apache-2.0
//
// Several names in one sentence.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kprobed::resolve {

/// "a", "a or b", "a, b or c": `last_separator` is " or ".
std::string join(const std::vector<std::string>& parts, std::string_view last_separator);

/// The first `shown` of them and how many there are besides: "a, b, c and 4 more". `all` counts
/// also those that are not in `names`.
std::string first_names(const std::vector<std::string>& names, std::size_t shown, std::size_t all);

/// "'a'"
std::vector<std::string> quoted(std::vector<std::string> names);

}  // namespace kprobed::resolve
