// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace kprobed::wire {

/// Ends the program unless everything holds that must hold for any bytes from a client, from the
/// daemon, or in the state file.
void check_any_line(std::string_view line);

}  // namespace kprobed::wire
