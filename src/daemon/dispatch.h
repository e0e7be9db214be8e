// SPDX-License-Identifier: Apache-2.0
//
// A request to the engine and its answer back: wire values in, one reply line out. Subscribing is
// not here, since it is between a session and the log.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "daemon/authorizer.h"
#include "daemon/engine_port.h"
#include "wire/messages.h"

namespace kprobed::daemon {

class Dispatcher {
 public:
  /// `post` runs a function on the io thread, later and from any thread. `complete` adds to a
  /// status what the engine does not know, `clients` says what they got; on the io thread. All, and
  /// `engine`, outlive this.
  Dispatcher(EnginePort& engine, std::function<void(std::function<void()>)> post,
             std::function<void(wire::StatusReply&)> complete,
             std::function<std::vector<wire::ClientLedger>()> clients)
      : engine_(engine),
        post_(std::move(post)),
        complete_(std::move(complete)),
        clients_(std::move(clients)) {}

  /// `done` gets the reply or error as one line: once, on the io thread, after this has returned.
  using Done = std::function<void(std::string line)>;
  /// `progress` gets the lines before that, if the request asked for them.
  void dispatch(const wire::Request& request, const Peer& peer, Done done, Done progress);

  /// From now on every request is refused with `why`. On the io thread.
  void close(Error why) { closed_ = std::move(why); }

 private:
  /// An Answer for the engine, that makes a line of it by `encode` on the io thread.
  template <typename T, typename Encode>
  engine::Answer<T> answer(const wire::Request& request, Done done, Encode encode);
  /// Nothing if it is not `wanted`.
  engine::Progress teller(const wire::Request& request, bool wanted, Done progress);
  void refuse(const std::string& id, const Error& error, Done done);

  EnginePort& engine_;
  std::function<void(std::function<void()>)> post_;
  std::function<void(wire::StatusReply&)> complete_;
  std::function<std::vector<wire::ClientLedger>()> clients_;
  std::optional<Error> closed_;
};

}  // namespace kprobed::daemon
