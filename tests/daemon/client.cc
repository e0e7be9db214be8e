// SPDX-License-Identifier: Apache-2.0
#include "client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdlib>
#include <cstring>

namespace kprobed::daemon {

Client::Client(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    std::abort();
  }
}

bool Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string Client::line() {
  while (true) {
    const std::size_t newline = buffer_.find('\n');
    if (newline != std::string::npos) {
      std::string text = buffer_.substr(0, newline);
      buffer_.erase(0, newline + 1);
      return text;
    }
    pollfd ready{.fd = fd_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, 20'000) == 0) return "(nothing)";
    if (!receive()) return "(end)";
  }
}

bool Client::receive() {
  char bytes[65536];
  const ssize_t got = ::recv(fd_.get(), bytes, sizeof bytes, 0);
  if (got > 0) buffer_.append(bytes, static_cast<std::size_t>(got));
  return got > 0;
}

bool Client::has_line() {
  pollfd ready{.fd = fd_.get(), .events = POLLIN, .revents = 0};
  while (buffer_.find('\n') == std::string::npos) {
    if (::poll(&ready, 1, 0) <= 0 || !receive()) return false;
  }
  return true;
}

std::vector<std::string> Client::lines(std::size_t count) {
  std::vector<std::string> all;
  while (all.size() < count) all.push_back(line());
  return all;
}

std::string Client::ask(std::string_view request) {
  send(std::string(request) + "\n");
  return line();
}

void Client::close_sending_half() { ::shutdown(fd_.get(), SHUT_WR); }

}  // namespace kprobed::daemon
