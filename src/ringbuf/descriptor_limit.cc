// SPDX-License-Identifier: Apache-2.0
#include "ringbuf/descriptor_limit.h"

#include <dirent.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

#include <cerrno>
#include <charconv>
#include <memory>
#include <string_view>

#include "base/unique_fd.h"
#include "ringbuf/refusal.h"

namespace kprobed::ringbuf {

Result<void> raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return system_error(errno, "read the limit of open files");
  if (limit.rlim_cur == limit.rlim_max) return {};
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return system_error(errno, "raise the limit of open files");
  }
  return {};
}

Result<void> check_descriptors_left(unsigned wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return system_error(errno, "read the limit of open files");
  const UniqueFd next(::eventfd(0, EFD_CLOEXEC));
  const int err = next.valid() ? EMFILE : errno;
  if (next.valid() && static_cast<rlim_t>(next.get()) + wanted <= limit.rlim_cur) return {};
  return explain_open(err, "another probe");
}

std::uint64_t descriptor_limit() {
  rlimit limit{};  // getrlimit(2) fails for bad arguments only
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

Result<Descriptors> count_descriptors() {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc/self/fd"), ::closedir);
  const std::uint64_t most = descriptor_limit();
  if (!folder && (errno == EMFILE || errno == ENFILE)) return Descriptors{most, most, 0};
  if (!folder) return system_error(errno, "open /proc/self/fd");
  Descriptors found{.limit = most};
  std::uint64_t taken = 0;
  while (const dirent* entry = ::readdir(folder.get())) {
    const std::string_view name = entry->d_name;
    std::uint64_t number = 0;
    const auto [rest, failed] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (failed != std::errc() || number == static_cast<std::uint64_t>(::dirfd(folder.get()))) {
      continue;
    }
    ++found.open;
    taken += number < most ? 1 : 0;
  }
  found.free = most - taken;
  return found;
}

}  // namespace kprobed::ringbuf
