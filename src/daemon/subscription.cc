// SPDX-License-Identifier: Apache-2.0
#include "daemon/subscription.h"

#include <algorithm>
#include <utility>

#include "wire/codec.h"

namespace kprobed::daemon {
namespace {

/// Log lines looked at in one go; then others get their turn.
constexpr std::size_t kLinesPerTurn = 16'384;

struct Start {
  std::uint64_t seq = 0;
  std::string_view gap;  ///< reason; "" if the client misses nothing that it could have known of
};

Start start_of(const std::optional<wire::Resume>& resume, const stream::StreamLog& log) {
  const stream::StreamLog::Extent extent = log.extent();
  if (!resume) return {extent.next, ""};
  if (resume->stream != log.stream_id()) return {extent.oldest, wire::kGapRestart};
  if (resume->seq >= extent.next) return {extent.next, wire::kGapAhead};
  return {resume->seq + 1, ""};
}

}  // namespace

wire::SubscribeReply Subscription::start(const wire::SubscribeRequest& request) {
  stop();
  stream::LogFilter filter;
  filter.probes = request.probes;
  filter.pids = request.pids;
  const bool asks_for_itself = request.own || std::find(request.pids.begin(), request.pids.end(),
                                                        client_pid_) != request.pids.end();
  if (client_pid_ != 0 && !asks_for_itself) filter.skip_pids.push_back(client_pid_);
  const Start start = start_of(request.resume, log_);
  filter.ledger = request.ledger;
  cursor_.emplace(log_, directory_, std::move(filter), start.seq);
  begin_ = cursor_->next_seq();
  if (!start.gap.empty()) {
    wire::GapLine gap;
    gap.stream = log_.stream_id();
    gap.from = start.seq;
    gap.reason = start.gap;
    gap_line_ = wire::encode_gap(gap);
  }
  return {.stream = log_.stream_id(), .next_seq = start.seq};
}

void Subscription::stop() {
  gap_line_.clear();
  if (!cursor_) return;
  earlier_.matched += cursor_->counts().matched;
  earlier_.dropped += cursor_->counts().dropped;
  earlier_.skipped += cursor_->counts().skipped;
  earlier_lines_ += cursor_->next_seq() - begin_;
  cursor_.reset();
}

bool Subscription::take(stream::LineBatch& out, std::size_t max_bytes) {
  if (!cursor_) return false;
  if (!gap_line_.empty()) out.own(std::exchange(gap_line_, {}));
  return cursor_->take(out, max_bytes, kLinesPerTurn);
}

std::uint64_t Subscription::lag() const {
  if (!cursor_) return 0;
  const std::uint64_t next = log_.extent().next;
  return next > cursor_->next_seq() ? next - cursor_->next_seq() : 0;
}

std::uint64_t Subscription::sent() const {
  return earlier_.matched + (cursor_ ? cursor_->counts().matched : 0);
}

std::uint64_t Subscription::dropped() const {
  return earlier_.dropped + (cursor_ ? cursor_->counts().dropped : 0);
}

wire::ClientLedger Subscription::ledger() const {
  wire::ClientLedger ledger;
  ledger.subscribed = active();
  ledger.lines = earlier_lines_;
  ledger.skipped = earlier_.skipped;
  if (cursor_) {
    const std::uint64_t next = std::max(log_.extent().next, cursor_->next_seq());
    ledger.lines += next - begin_;
    ledger.skipped += cursor_->counts().skipped;
    ledger.pending = next - cursor_->next_seq();
  }
  ledger.matched = ledger.lines - ledger.skipped;
  ledger.sent = sent();
  ledger.dropped = dropped();
  return ledger;
}

}  // namespace kprobed::daemon
