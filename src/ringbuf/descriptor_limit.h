// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"

namespace kprobed::ringbuf {

/// Raises the soft RLIMIT_NOFILE to the hard one: a probe takes one descriptor per CPU, and the
/// usual soft limit of 1,024 is for programs that use select(2). Errors: what setrlimit(2) says.
Result<void> raise_descriptor_limit();

/// `exhausted` if fewer than `wanted` descriptors may still be opened. Descriptors get the lowest
/// free number, so the next one tells.
Result<void> check_descriptors_left(unsigned wanted);

}  // namespace kprobed::ringbuf
