// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "daemon/config.h"
#include "daemon/options.h"

namespace kprobed::daemon {

/// The configuration file's settings with the command line's over them. A file that is not there is
/// an error only if it was asked for by --config; one that cannot be read is a problem of the
/// reading, and defaults are used.
Result<ConfigReading> read_settings(const Options& options);

}  // namespace kprobed::daemon
