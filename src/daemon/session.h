// SPDX-License-Identifier: Apache-2.0
//
// One client. Its requests are answered in order, one at a time; its stream goes out as fast as it
// reads, and what it does not read stays in the log. Everything it can make us hold is bounded: one
// line of input, and about kMaxBuffered bytes of output (and one reply more).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/unique_fd.h"
#include "daemon/authorizer.h"
#include "daemon/dispatch.h"
#include "daemon/io_loop.h"
#include "stream/probe_directory.h"
#include "stream/stream_log.h"
#include "wire/messages.h"

namespace kprobed::daemon {

/// Replies waiting to be read, beyond which no further request is looked at.
inline constexpr std::size_t kMaxBuffered = std::size_t{128} << 10;
/// Stream lines in one write.
inline constexpr std::size_t kStreamBytesPerWrite = std::size_t{64} << 10;
/// Writes of the stream before others get their turn.
inline constexpr std::size_t kWritesPerTurn = 4;
/// What the kernel may hold of one client's stream, as setsockopt(2) counts it.
inline constexpr int kSocketBytes = 512 << 10;

/// What all sessions use; outlives them.
struct SessionSurroundings {
  IoLoop& loop;
  const stream::StreamLog& log;
  const stream::ProbeDirectory& directory;
  Dispatcher& dispatcher;
  std::string hello;  ///< line that greets
};

/// All of it in turns of the io loop (in_turn, try_now).
class Session {
 public:
  /// `socket` is connected. `ended` is called once, never from inside a call to this.
  Session(UniqueFd socket, Peer peer, const SessionSurroundings& surroundings,
          std::function<void()> ended);
  ~Session();
  Session(Session&&) = delete;

  /// There is something new in the log.
  void published();
  /// Takes no more requests; ends when all that is in the log has been written.
  void finish();

  wire::ClientInfo info() const;
  /// What of the log it got.
  wire::ClientLedger ledger() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;  ///< shared with its own pending operations
};

}  // namespace kprobed::daemon
