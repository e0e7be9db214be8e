// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <type_traits>

namespace kprobed::wire {

/// M is T or const T: what is read into, or written from.
template <typename M, typename T>
concept Is = std::same_as<std::remove_const_t<M>, T>;

}  // namespace kprobed::wire
