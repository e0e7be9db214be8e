// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace kprobed::wire {

/// The whole numbers that a field takes, where they are fewer than its type's.
struct Range {
  std::uint64_t least = 0, most = 0;
};

}  // namespace kprobed::wire
