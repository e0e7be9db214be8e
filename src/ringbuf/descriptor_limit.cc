// SPDX-License-Identifier: Apache-2.0
#include "ringbuf/descriptor_limit.h"

#include <sys/resource.h>

#include <cerrno>

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

}  // namespace kprobed::ringbuf
