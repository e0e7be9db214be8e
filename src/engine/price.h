// SPDX-License-Identifier: Apache-2.0
//
// What a hit costs on this machine: measured, since that differs by a factor of ten and more
// between a large machine and an emulated one.
#pragma once

#include "engine/governor.h"
#include "engine/machine.h"

namespace kprobed::engine {

/// Calls a system call of ours some thousand times without and with its tracepoint open, on this
/// thread alone, so that nobody else pays: a few milliseconds. A kprobe costs some 1.2 times as
/// much as a tracepoint (docs/performance.md). Where there is no such tracepoint: the defaults.
Prices measure_prices(const Machine& machine);

}  // namespace kprobed::engine
