// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/result.h"

namespace kprobed::ringbuf {

/// Raises the soft RLIMIT_NOFILE to the hard one: a probe takes one descriptor per CPU, and the
/// usual soft limit of 1,024 is for programs that use select(2). Errors: what setrlimit(2) says.
Result<void> raise_descriptor_limit();

/// `exhausted` if fewer than `wanted` descriptors may still be opened. Descriptors get the lowest
/// free number, so the next one tells.
Result<void> check_descriptors_left(unsigned wanted);

/// How many this process may have open.
std::uint64_t descriptor_limit();

struct Descriptors {
  std::uint64_t open = 0;
  std::uint64_t limit = 0;  ///< numbers from 0 to this, this one not included
  std::uint64_t free =
      0;  ///< of those numbers; where the limit was lowered, open ones may lie above
};
/// Of this process, counted one by one in /proc. Where not even that can be opened for want of one,
/// none is free.
Result<Descriptors> count_descriptors();

}  // namespace kprobed::ringbuf
