// SPDX-License-Identifier: Apache-2.0
//
// One client's share of the stream: where it is in the log, and what it got. A client may subscribe
// again and again; its counts go on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "stream/log_cursor.h"
#include "wire/messages.h"

namespace kprobed::daemon {

class Subscription {
 public:
  /// `client_pid` is skipped unless the client asks for it; 0 skips nobody. `log` and `directory`
  /// must outlive this.
  Subscription(const stream::StreamLog& log, const stream::ProbeDirectory& directory,
               std::uint32_t client_pid)
      : log_(log), directory_(directory), client_pid_(client_pid) {}

  /// In place of an earlier one. If the request resumes what cannot be resumed, the next take()
  /// begins with a gap line. Resuming what has left the log gives a `dropped` line.
  wire::SubscribeReply start(const wire::SubscribeRequest& request);
  void stop();
  bool active() const { return cursor_.has_value(); }

  /// Appends at most about `max_bytes` of lines. True if there may be more at once.
  bool take(stream::LineBatch& out, std::size_t max_bytes);

  /// Lines between the client's place and the log's end; 0 without a subscription.
  std::uint64_t lag() const;
  std::uint64_t sent() const;     ///< lines that were for it and were taken
  std::uint64_t dropped() const;  ///< lines it was too slow for
  /// What became of the lines since it subscribed; `sent` are those that were taken, and what is
  /// about the client itself is not filled in.
  wire::ClientLedger ledger() const;

 private:
  const stream::StreamLog& log_;
  const stream::ProbeDirectory& directory_;
  std::uint32_t client_pid_;
  std::optional<stream::LogCursor> cursor_;
  std::string gap_line_;
  std::uint64_t begin_ = 0;          ///< seq of the first line for cursor_
  stream::CursorCounts earlier_;     ///< of cursors that are gone
  std::uint64_t earlier_lines_ = 0;  ///< that they went over
};

}  // namespace kprobed::daemon
