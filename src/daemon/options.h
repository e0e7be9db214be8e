// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "daemon/config.h"

namespace kprobed::daemon {

/// The daemon's command line, as kprobed(8) promises it.
struct Options {
  enum class Action : std::uint8_t { serve, sweep, help, version } action = Action::serve;
  /// --config: must exist; else the usual file, which need not.
  std::optional<std::string> config = {};
  std::optional<std::string> socket = {}, group = {};  ///< go before the configuration's
  std::optional<LogLevel> log_level = {};
  bool no_governor = false;  ///< --no-governor: whatever probes cost
  bool hold = false;         ///< --hold: saved probes are not armed

  bool operator==(const Options&) const = default;
};

/// `arguments` without the program's name. `usage` says which option is wrong.
Result<Options> parse_options(const std::vector<std::string>& arguments);

/// What --help prints.
std::string_view help_text();

}  // namespace kprobed::daemon
