// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/connection.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/format.h"

namespace kprobed::kprobectl {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// Waits until `events` or `end`; false if time is up.
Result<bool> wait_for(int fd, short events, steady_clock::time_point end) {
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now()).count();
    pollfd poll_fd{.fd = fd, .events = events, .revents = 0};
    const int ready =
        ::poll(&poll_fd, 1, static_cast<int>(std::clamp<decltype(left)>(left, 0, 3'600'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return system_error(errno, "wait for kprobed");
    if (ready == 0 && left <= 0) return false;
  }
}

Error no_answer(milliseconds patience) {
  return Error(ErrorCode::io,
               format("kprobed has not answered within {} seconds", patience.count() / 1000))
      .with_hint("it may still be at work: see kprobectl list, or journalctl -u kprobed");
}

Result<UniqueFd> connect_to(const std::string& path, milliseconds patience) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return Error(ErrorCode::usage,
                 format("'{}' cannot be a socket: a path of 1 to {} bytes is needed", path,
                        sizeof address.sun_path - 1));
  }
  std::memcpy(address.sun_path, path.data(), path.size());

  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return system_error(errno, "make a socket");
  // Bounds connect(2) too, which waits while the daemon's backlog is full (unix(7)).
  const timeval limit{
      .tv_sec = static_cast<decltype(timeval::tv_sec)>(patience.count() / 1000),
      .tv_usec = static_cast<decltype(timeval::tv_usec)>((patience.count() % 1000) * 1000)};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return explain_connect(errno, path);
  return socket;
}

Error refusal(std::string_view line, std::shared_ptr<const Source> sent) {
  auto refused = wire::decode_error(line);
  if (!refused.ok()) return std::move(refused).error().while_doing("read the reply of kprobed");
  Error error = wire::from_wire(*refused, std::move(sent));
  if (error.code == ErrorCode::no_permission && error.hint.empty()) error.hint = "try with sudo";
  return error;
}

}  // namespace

Error went_away() {
  return Error(ErrorCode::io, "kprobed went away")
      .with_hint("it was stopped or has crashed: see journalctl -u kprobed");
}

Error explain_connect(int err, const std::string& path) {
  struct stat file {};
  const bool exists = ::stat(path.c_str(), &file) == 0;
  if (err == ENOENT || err == ENOTDIR || (err == ECONNREFUSED && !exists)) {
    return Error(ErrorCode::not_found, format("kprobed is not running: there is no {}", path))
        .with_hint("sudo systemctl start kprobed; kprobectl run does without it");
  }
  // For a file that is no socket, too (net/unix/af_unix.c unix_find_bsd()).
  if (err == ECONNREFUSED && !S_ISSOCK(file.st_mode))
    return Error(ErrorCode::usage, format("{} is not a socket", path));
  if (err == ECONNREFUSED) {
    return Error(ErrorCode::not_found,
                 format("kprobed has crashed or was killed: nobody listens at {}", path))
        .with_hint("see journalctl -u kprobed; sudo systemctl restart kprobed");
  }
  if (err == EACCES && ::geteuid() != 0) {
    return Error(
               ErrorCode::no_permission,
               format("no permission to talk to kprobed at {}: you are not in group kprobed", path))
        .with_hint("sudo usermod -aG kprobed $USER, then log in again");
  }
  if (err == EAGAIN) {
    return Error(ErrorCode::busy, "kprobed lets nobody in: too many are waiting")
        .with_hint("see journalctl -u kprobed");
  }
  return system_error(err, "connect to " + path);
}

Result<Connection> Connection::open(const std::string& path, Patience patience) {
  KPROBED_TRY(UniqueFd socket, connect_to(path, patience.greeting));
  Connection connection(std::move(socket), patience);
  KPROBED_TRY(connection.hello_line_, connection.read_line(patience.greeting));
  auto kind = wire::classify(connection.hello_line_);
  if (kind.ok() && kind->kind == wire::ServerLine::Kind::error)
    return refusal(connection.hello_line_, nullptr);
  if (!kind.ok() || kind->kind != wire::ServerLine::Kind::hello)
    return Error(ErrorCode::malformed, format("{} is not the socket of a kprobed", path));
  return connection;
}

Result<std::string> Connection::ask(wire::RequestBody body, std::shared_ptr<const Source> sent,
                                    Meanwhile* meanwhile) {
  const std::string id = std::to_string(++last_id_);
  auto written = send(wire::encode_request({.id = id, .body = std::move(body)}), meanwhile);
  if (!written.ok() && written.error().code == ErrorCode::cancelled) {
    return std::move(written).error();
  }
  // The daemon may have said why before it closed.
  for (;;) {
    auto line = read_line(patience_.reply, meanwhile);
    if (!line.ok()) return written.ok() ? std::move(line).error() : std::move(written).error();
    KPROBED_TRY(const wire::ServerLine kind, wire::classify(*line));
    // A request that could not be read at all is answered with the id null.
    if (kind.kind == wire::ServerLine::Kind::error && (kind.id == id || kind.id == "null"))
      return refusal(*line, std::move(sent));
    if (kind.kind == wire::ServerLine::Kind::reply && kind.id == id) return line;
    if (kind.kind == wire::ServerLine::Kind::progress && kind.id == id && meanwhile != nullptr) {
      // One that cannot be read is no reason to give up the answer.
      if (const auto progress = wire::decode_progress(*line); progress.ok()) {
        meanwhile->progress(*progress);
      }
    }
  }
}

Result<void> Connection::send(const std::string& line, Meanwhile* meanwhile) {
  const auto end = steady_clock::now() + patience_.reply;
  std::size_t done = 0;
  while (done < line.size()) {
    KPROBED_TRY(const bool ready, wait_ticking(POLLOUT, end, meanwhile));
    if (!ready) return no_answer(patience_.reply);
    const ssize_t wrote =
        ::send(socket_.get(), line.data() + done, line.size() - done, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (wrote >= 0) {
      done += static_cast<std::size_t>(wrote);
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return went_away();
    } else if (errno != EAGAIN && errno != EINTR) {
      return system_error(errno, "write to kprobed");
    }
  }
  return {};
}

/// wait_for(), while `meanwhile` ticks.
Result<bool> Connection::wait_ticking(short events, steady_clock::time_point end,
                                      Meanwhile* meanwhile) {
  if (meanwhile == nullptr) return wait_for(socket_.get(), events, end);
  for (;;) {
    const auto tick = std::min(end, steady_clock::now() + Meanwhile::kTickEvery);
    KPROBED_TRY(const bool ready, wait_for(socket_.get(), events, tick));
    if (meanwhile->stopped()) {
      return Error(ErrorCode::cancelled, "stopped while waiting for kprobed");
    }
    if (ready || tick == end) return ready;
    meanwhile->tick();
  }
}

Result<std::string> Connection::read_line(milliseconds patience, Meanwhile* meanwhile) {
  const auto end = steady_clock::now() + patience;
  for (;;) {
    if (auto line = lines_.next()) return std::string(*line);
    KPROBED_TRY(const bool ready, wait_ticking(POLLIN, end, meanwhile));
    if (!ready) return no_answer(patience);
    KPROBED_TRY(const LineReader::Fill filled, lines_.fill(socket_.get()));
    if (filled == LineReader::Fill::end) return went_away();
  }
}

}  // namespace kprobed::kprobectl
