// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace kprobed::symbols {

/// Calls `found(tid, comm)` for every thread now in /proc. Threads that die meanwhile are skipped.
void for_each_task(const std::function<void(std::uint32_t tid, std::string_view comm)>& found);

/// /proc/TID/comm; false if that thread is gone. 0, which every CPU's idle task has, is "swapper".
bool read_task_name(std::uint32_t tid, std::string& comm);

}  // namespace kprobed::symbols
