// SPDX-License-Identifier: Apache-2.0
//
// The kernel's way of listing CPUs: "0-3,5" (lib/bitmap-str.c, "%*pbl").
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"

namespace kprobed::ringbuf {

/// CPUs that are online now, ascending (/sys/devices/system/cpu/online).
Result<std::vector<unsigned>> online_cpus();

/// "0-3,5" with or without a newline. `malformed` for anything else: nothing at all, blanks, ranges
/// that run backwards or overlap, numbers no kernel has CPUs for.
Result<std::vector<unsigned>> parse_cpu_list(std::string_view text);

}  // namespace kprobed::ringbuf
