// SPDX-License-Identifier: Apache-2.0
#include "ringbuf/descriptor_limit.h"

#include <sys/eventfd.h>
#include <sys/resource.h>

#include <cerrno>

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

}  // namespace kprobed::ringbuf
