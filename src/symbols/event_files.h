// SPDX-License-Identifier: Apache-2.0
//
// What tracefs tells of the events that are there already: events/GROUP/EVENT/format and
// available_events. `root` is tracefs' folder; "" if there is none.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "resolve/kernel_view.h"

namespace kprobed::symbols {

/// Errors: no_tracefs, not_found, no_permission, io. Names that could lead out of the folder are
/// not_found too.
Result<std::string> read_event_format(const std::string& root, std::string_view group,
                                      std::string_view event);

/// `available` is the text of available_events, "group:event" per line. "group/event", closest
/// first: the same event of another group before slips of the finger. Pure.
std::vector<std::string> similar_events_in(std::string_view available, std::string_view group,
                                           std::string_view event, std::size_t limit);

/// Of the text of syscalls/sys_enter_NAME/format: the fields behind __syscall_nr. nullopt if it is
/// no such file. Pure.
std::optional<std::vector<resolve::SyscallParameter>> syscall_parameters_in(
    std::string_view format);

}  // namespace kprobed::symbols
