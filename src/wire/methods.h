// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>
#include <variant>

#include "wire/messages.h"

namespace kprobed::wire {

/// In the order of RequestBody's alternatives.
inline constexpr std::array<std::string_view, std::variant_size_v<RequestBody>> kMethodNames = {
    "add",   "remove", "enable", "disable",   "apply",      "list",
    "check", "status", "ledger", "subscribe", "unsubscribe"};

}  // namespace kprobed::wire
