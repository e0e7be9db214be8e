// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/line_output.h"

#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace kprobed::kprobectl {

namespace {
constexpr std::size_t kFileStep = 256 * 1024;

std::size_t step_for(int fd) {
  struct stat info {};
  // A regular file never makes a writer wait. A pipe that polls writable has room for PIPE_BUF
  // bytes (pipe(7)); more could block.
  const bool file = ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
  return file ? kFileStep : PIPE_BUF;
}
}  // namespace

LineOutput::LineOutput(int fd, StopSignal& stop) : fd_(fd), stop_(stop), step_(step_for(fd)) {
  buffer_.reserve(kFileStep);
}

bool LineOutput::flush() { return write_all(/*stop_ends_it=*/true, -1); }

bool LineOutput::flush_last() { return write_all(/*stop_ends_it=*/false, 1000); }

void LineOutput::check_reader() {
  pollfd out{.fd = fd_, .events = 0, .revents = 0};
  if (::poll(&out, 1, 0) > 0 && (out.revents & POLLERR) != 0) {
    broken_ = true;
    broken_errno_ = EPIPE;
  }
}

bool LineOutput::write_all(bool stop_ends_it, int patience_ms) {
  std::size_t done = 0;
  while (done < buffer_.size() && !broken_) {
    pollfd out{.fd = fd_, .events = POLLOUT, .revents = 0};
    if (stop_ends_it) {
      stop_.wait({&out, 1}, std::chrono::milliseconds(1000));
      if (stop_.arrived() && (out.revents & POLLOUT) == 0) break;
    } else if (::poll(&out, 1, patience_ms) == 0) {
      break;
    }
    if ((out.revents & (POLLOUT | POLLERR | POLLHUP)) == 0) continue;
    const ssize_t wrote =
        ::write(fd_, buffer_.data() + done, std::min(step_, buffer_.size() - done));
    if (wrote >= 0) {
      done += static_cast<std::size_t>(wrote);
    } else if (errno != EINTR && errno != EAGAIN) {
      broken_ = true;
      broken_errno_ = errno;
    }
  }
  const bool all = done == buffer_.size();
  // After flush() was cut short by a signal the rest stays for flush_last().
  buffer_.erase(0, done);
  return all && !broken_;
}

}  // namespace kprobed::kprobectl
