// SPDX-License-Identifier: Apache-2.0
//
// Accepts clients and tells them when there is news.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/unique_fd.h"
#include "daemon/session.h"

namespace kprobed::daemon {

/// So that readers can never keep root from looking: places beyond the limit, for uid 0 only.
inline constexpr std::size_t kPlacesForRoot = 4;

class Server {
 public:
  /// `listening` is a listening socket. `warn` is told what an operator should know. All but
  /// published() in turns of the io loop; `surroundings` outlives this, and this the loop's run().
  Server(UniqueFd listening, std::size_t max_clients, const SessionSurroundings& surroundings,
         std::function<void(const std::string&)> warn);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Lines have been published. From any thread but the io thread; costs next to nothing if the
  /// last news has not been passed on yet. `at_once`: unless the io thread is at work, they are
  /// sent before this returns.
  void published(bool at_once);

  std::vector<wire::ClientInfo> clients() const;
  std::vector<wire::ClientLedger> ledgers() const;

  void stop_accepting();
  /// Lets every client have what is in the log, as far as it reads within `patience`; then ends
  /// them all and calls `done`.
  void finish(std::chrono::milliseconds patience, std::function<void()> done);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kprobed::daemon
