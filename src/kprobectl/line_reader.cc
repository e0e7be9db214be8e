// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/line_reader.h"

#include <sys/socket.h>

#include <cerrno>

#include "base/format.h"

namespace kprobed::kprobectl {

namespace {
constexpr std::size_t kStep = 64 * 1024;
}

Result<LineReader::Fill> LineReader::fill(int socket) {
  buffer_.erase(0, at_);
  scanned_ -= at_;
  at_ = 0;
  const std::size_t had = buffer_.size();
  buffer_.resize(had + kStep);
  const ssize_t got = ::recv(socket, buffer_.data() + had, kStep, MSG_DONTWAIT);
  const int failure = errno;
  buffer_.resize(had + (got > 0 ? static_cast<std::size_t>(got) : 0));
  if (got == 0) return Fill::end;
  if (got < 0) {
    if (failure == EAGAIN || failure == EWOULDBLOCK || failure == EINTR) return Fill::nothing;
    // The other side closed with bytes of ours unread (net/unix/af_unix.c unix_release_sock()).
    if (failure == ECONNRESET) return Fill::end;
    return system_error(failure, "read from kprobed");
  }
  const std::size_t newline = buffer_.find('\n', scanned_);
  if ((newline == std::string::npos ? buffer_.size() : newline) > max_line_)
    return Error(ErrorCode::malformed,
                 format("kprobed sent a line of more than {} bytes", max_line_));
  return Fill::bytes;
}

std::optional<std::string_view> LineReader::next() {
  const std::size_t newline = buffer_.find('\n', scanned_);
  if (newline == std::string::npos) {
    scanned_ = buffer_.size();
    return std::nullopt;
  }
  const std::string_view line(buffer_.data() + at_, newline + 1 - at_);
  at_ = scanned_ = newline + 1;
  return line;
}

}  // namespace kprobed::kprobectl
