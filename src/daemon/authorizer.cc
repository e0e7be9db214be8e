// SPDX-License-Identifier: Apache-2.0
#include "daemon/authorizer.h"

#include <sys/socket.h>

#include <cerrno>

#include "base/format.h"

namespace kprobed::daemon {
namespace {

enum class Role : std::uint8_t { reader, root };

// One row per method; a method without a row does not compile.
constexpr Role needed(const wire::AddRequest&) { return Role::root; }
constexpr Role needed(const wire::RemoveRequest&) { return Role::root; }
constexpr Role needed(const wire::EnableRequest&) { return Role::root; }
constexpr Role needed(const wire::DisableRequest&) { return Role::root; }
constexpr Role needed(const wire::ApplyRequest&) { return Role::root; }
constexpr Role needed(const wire::ListRequest&) { return Role::reader; }
constexpr Role needed(const wire::CheckRequest&) { return Role::reader; }
constexpr Role needed(const wire::StatusRequest&) { return Role::reader; }
constexpr Role needed(const wire::LedgerRequest&) { return Role::reader; }
constexpr Role needed(const wire::SubscribeRequest&) { return Role::reader; }
constexpr Role needed(const wire::UnsubscribeRequest&) { return Role::reader; }

}  // namespace

Result<void> authorize(const Peer& peer, const wire::RequestBody& request) {
  const Role role = std::visit([](const auto& body) { return needed(body); }, request);
  if (role == Role::reader || peer.uid == 0) return {};
  return Error(ErrorCode::no_permission,
               format("'{}' needs root, and you are uid {}", wire::method_name(request), peer.uid))
      .with_hint("run it again with sudo; without root one can list, check and subscribe");
}

Result<Peer> peer_of(int socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    return system_error(errno, "ask who connected");
  }
  return Peer{.pid = static_cast<std::uint32_t>(credentials.pid),
              .uid = credentials.uid,
              .gid = credentials.gid};
}

}  // namespace kprobed::daemon
