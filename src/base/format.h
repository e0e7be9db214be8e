// SPDX-License-Identifier: Apache-2.0
//
// Text formatting for messages. fmt is named here and nowhere else (g++ 12 has no <format>).
#pragma once

#include <fmt/format.h>

namespace kprobed {
using fmt::format;
}  // namespace kprobed
