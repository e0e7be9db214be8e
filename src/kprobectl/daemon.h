// SPDX-License-Identifier: Apache-2.0
//
// What the commands that ask the daemon share.
#pragma once

#include <optional>
#include <string>

#include "kprobectl/connection.h"

namespace kprobed::kprobectl {

struct DaemonOptions {
  std::string socket = kDefaultSocket;
  Patience patience;
};

/// Connects, or says why not; then `status` is the exit status.
std::optional<Connection> connect(const DaemonOptions& daemon, int& status);

/// Writes an answer to standard output. Returns kDone, also if nobody reads it; kFailed, with a
/// message, if it cannot be written.
int print_answer(const std::string& text);

/// `text` as a terminal may show it: see stream::append_for_terminal().
std::string shown(std::string_view text);

}  // namespace kprobed::kprobectl
