// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace kprobed {

/// open(2) with O_CLOEXEC added. The error names the path.
Result<UniqueFd> open_file(const std::string& path, int flags);

/// The whole file, also for kernel files whose size is unknown (proc, sysfs, tracefs). At most
/// `limit` bytes (an io error beyond that), so that a strange path cannot take the memory.
Result<std::string> read_file(const std::string& path, std::size_t limit = std::size_t{256} << 20);

/// Writes all of `text` in a single write(2), as kernel files demand. errno stays in the Error.
Result<void> write_once(int fd, std::string_view text, std::string_view path);

}  // namespace kprobed
