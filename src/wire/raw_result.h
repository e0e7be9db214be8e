// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace kprobed::wire {

/// The result object of a reply, byte for byte as the daemon wrote it. `line` must be a reply that
/// classify() took; "" if it has no result.
std::string raw_result(std::string_view line);

}  // namespace kprobed::wire
