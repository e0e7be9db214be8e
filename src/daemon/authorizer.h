// SPDX-License-Identifier: Apache-2.0
//
// Who may do what. Connecting is the file system's business (directory and socket belong to the
// group); what changes the kernel needs uid 0.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "wire/messages.h"

namespace kprobed::daemon {

/// The process at the other end, as it was when it connected.
struct Peer {
  std::uint32_t pid = 0;  ///< 0: in a pid namespace that we do not see
  std::uint32_t uid = 0, gid = 0;

  bool operator==(const Peer&) const = default;
};

/// SO_PEERCRED (unix(7)): the kernel vouches for it.
Result<Peer> peer_of(int socket);

/// no_permission names the method, who asked, and what to do.
Result<void> authorize(const Peer& peer, const wire::RequestBody& request);

}  // namespace kprobed::daemon
