// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/format.h"

namespace kprobed {

Result<UniqueFd> open_file(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
  if (fd < 0) return system_error(errno, format("open '{}'", path));
  return UniqueFd(fd);
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  KPROBED_TRY(const UniqueFd fd, open_file(path, O_RDONLY));
  std::string text;
  // Kernel files have no size to ask for. Most are tiny, kallsyms has 10 MB: start small, double.
  std::size_t used = 0;
  while (true) {
    if (used == text.size()) text.resize(std::max<std::size_t>(4096, 2 * used));
    const ssize_t got = ::read(fd.get(), text.data() + used, text.size() - used);
    if (got < 0) {
      if (errno == EINTR) continue;
      return system_error(errno, format("read '{}'", path));
    }
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
    if (used > limit) {
      return Error(ErrorCode::io, format("'{}' is larger than {} bytes", path, limit));
    }
  }
  text.resize(used);
  return text;
}

Result<void> write_once(int fd, std::string_view text, std::string_view path) {
  ssize_t wrote = 0;
  do {
    wrote = ::write(fd, text.data(), text.size());
  } while (wrote < 0 && errno == EINTR);
  if (wrote < 0) return system_error(errno, format("write '{}'", path));
  if (static_cast<std::size_t>(wrote) != text.size()) {
    return Error(ErrorCode::io, format("'{}' took {} of {} bytes", path, wrote, text.size()));
  }
  return {};
}

}  // namespace kprobed
