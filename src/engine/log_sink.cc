// SPDX-License-Identifier: Apache-2.0
#include "engine/log_sink.h"

#include <utility>

namespace kprobed::engine {

namespace {
/// A chunk is what clients share and what falls off the log at once.
constexpr std::size_t kChunkBytes = 256 * 1024;
/// Room for the line that makes it full, so that it need not be moved.
constexpr std::size_t kChunkRoom = kChunkBytes + 16 * 1024;
/// Less than this is sooner copied.
constexpr std::size_t kWorthMoving = 16 * 1024;
}  // namespace

LogSink::LogSink(stream::StreamLog& log, const stream::AddressNames& names,
                 stream::WallClock& clock, std::function<void()> published)
    : log_(log), lines_(names, clock), published_(std::move(published)) {
  text_.reserve(kChunkRoom);
}

bool LogSink::event(const stream::Event& event) {
  const std::size_t begin = text_.size();
  if (!lines_.event(event, text_)) return false;
  index_.push_back({.seq = event.seq,
                    .begin = static_cast<std::uint32_t>(begin),
                    .end = static_cast<std::uint32_t>(text_.size()),
                    .probe = event.plan->number,
                    .pid = event.stamp.pid,
                    .event = true});
  if (event.plan->tally) {
    stream::bump(event.plan->tally->published);
    stream::bump(event.plan->tally->bytes, text_.size() - begin);
    event.plan->tally->last_ns.store(event.stamp.time_ns, std::memory_order_relaxed);
  }
  if (text_.size() >= kChunkBytes) publish();
  return true;
}

void LogSink::lost(const stream::LostNote& note) {
  const std::size_t begin = text_.size();
  lines_.lost(note, text_);
  index(note.seq, begin, 0);
}

void LogSink::probe(const stream::ProbeNote& note, std::uint32_t number) {
  const std::size_t begin = text_.size();
  lines_.probe(note, text_);
  index(note.seq, begin, number);
}

void LogSink::discarded(const stream::DiscardedNote& note, std::uint32_t number) {
  const std::size_t begin = text_.size();
  lines_.discarded(note, text_);
  index(note.seq, begin, number);
}

void LogSink::sampling(const stream::SamplingNote& note, std::uint32_t number) {
  const std::size_t begin = text_.size();
  lines_.sampling(note, text_);
  index(note.seq, begin, number);
}

void LogSink::cpu(const stream::CpuNote& note) {
  const std::size_t begin = text_.size();
  lines_.cpu(note, text_);
  index(note.seq, begin, 0);
}

void LogSink::ledger(const stream::LedgerNote& note, std::uint32_t number) {
  const std::size_t begin = text_.size();
  lines_.ledger(note, text_);
  index(note.seq, begin, number);
  index_.back().ledger = true;
}

void LogSink::clock(const stream::ClockNote& note) {
  const std::size_t begin = text_.size();
  lines_.clock(note, text_);
  index(note.seq, begin, 0);
}

/// A note's line.
void LogSink::index(std::uint64_t seq, std::size_t begin, std::uint32_t probe) {
  index_.push_back({.seq = seq,
                    .begin = static_cast<std::uint32_t>(begin),
                    .end = static_cast<std::uint32_t>(text_.size()),
                    .probe = probe});
}

void LogSink::publish() {
  if (index_.empty()) return;
  auto chunk = std::make_shared<stream::LogChunk>();
  if (text_.size() >= kWorthMoving) {
    chunk->text = std::exchange(text_, stream::LineBuffer());
    chunk->text.shrink();
    text_.reserve(kChunkRoom);
  } else {
    chunk->text += text_.view();
    text_.clear();
  }
  chunk->lines = index_;
  index_.clear();
  log_.publish(std::move(chunk));
  if (published_) published_();
}

}  // namespace kprobed::engine
