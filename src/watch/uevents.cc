// SPDX-License-Identifier: Apache-2.0
#include "watch/uevents.h"

#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace kprobed::watch {

namespace {

/// UEVENT_BUFFER_SIZE, include/linux/kobject.h, and some more.
constexpr std::size_t kMostBytes = 8192;
constexpr std::uint32_t kKernelGroup = 1;

}  // namespace

std::optional<Uevent> parse_uevent(std::string_view message) {
  Uevent event;
  while (!message.empty()) {
    const std::size_t end = message.find('\0');
    const std::string_view field = message.substr(0, end);
    message.remove_prefix(end == message.npos ? message.size() : end + 1);
    const std::size_t equals = field.find('=');
    if (equals == field.npos) continue;
    const std::string_view key = field.substr(0, equals), value = field.substr(equals + 1);
    if (key == "ACTION") event.action = value;
    if (key == "SUBSYSTEM") event.subsystem = value;
    if (key == "DEVPATH") event.name = value.substr(value.rfind('/') + 1);
  }
  if (event.action.empty() || event.subsystem.empty() || event.name.empty()) return std::nullopt;
  return event;
}

Result<UeventSocket> UeventSocket::open() {
  UniqueFd fd(
      ::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT));
  if (!fd.valid()) return system_error(errno, "open the kernel's uevent socket");
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = kKernelGroup;
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return system_error(errno, "bind the kernel's uevent socket");
  }
  return UeventSocket(std::move(fd));
}

UeventSocket::Batch UeventSocket::take() {
  Batch batch;
  std::array<char, kMostBytes> buffer;
  while (true) {
    sockaddr_nl sender{};
    iovec piece{.iov_base = buffer.data(), .iov_len = buffer.size()};
    msghdr message{};
    message.msg_name = &sender;
    message.msg_namelen = sizeof sender;
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    const ssize_t got = ::recvmsg(fd_.get(), &message, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == ENOBUFS) {
      batch.overrun = true;
      continue;
    }
    if (got <= 0) return batch;
    // Root's processes may send to that group, too; the kernel's port is 0.
    if (sender.nl_pid != 0) continue;
    auto event = parse_uevent(std::string_view(buffer.data(), static_cast<std::size_t>(got)));
    if (event) batch.events.push_back(*std::move(event));
  }
}

}  // namespace kprobed::watch
