// SPDX-License-Identifier: Apache-2.0
//
// What the daemon says to its operator: to the journal under systemd, else to standard error. From
// any thread. Bytes that a terminal would act on are shown as '?'.
#pragma once

#include <string_view>

#include "daemon/config.h"

namespace kprobed::daemon::journal {

/// Before anything is said: is standard error the journal's (JOURNAL_STREAM)? Then lines begin
/// with their priority (sd-daemon(3)), else with the time.
void open(LogLevel level);
void set_level(LogLevel level);

void error(std::string_view sentence);
void warning(std::string_view sentence);
void info(std::string_view sentence);
void debug(std::string_view sentence);

/// An Error as one sentence, with its place before and its hint behind it.
std::string one_line(const Error& error);

}  // namespace kprobed::daemon::journal
