// SPDX-License-Identifier: Apache-2.0
#include "stream/stream_log.h"

#include <algorithm>
#include <cassert>

namespace kprobed::stream {

StreamLog::StreamLog(std::size_t max_bytes, std::string stream_id)
    : max_bytes_(max_bytes), stream_id_(std::move(stream_id)) {}

void StreamLog::publish(std::shared_ptr<const LogChunk> chunk) {
  if (chunk->lines.empty()) return;
  // Outlives the lock: giving megabytes back takes longer than a reader should wait.
  std::vector<std::shared_ptr<const LogChunk>> fallen;
  const std::lock_guard lock(mutex_);
  assert(chunk->first_seq() == next_);
  next_ = chunk->last_seq() + 1;
  bytes_ += chunk->bytes();
  chunks_.push_back(std::move(chunk));
  while (bytes_ > max_bytes_ && chunks_.size() > 1) {
    bytes_ -= chunks_.front()->bytes();
    fallen.push_back(std::move(chunks_.front()));
    chunks_.pop_front();
  }
}

StreamLog::Extent StreamLog::extent() const {
  const std::lock_guard lock(mutex_);
  return {.oldest = chunks_.empty() ? next_ : chunks_.front()->first_seq(),
          .next = next_,
          .bytes = bytes_,
          .max_bytes = max_bytes_};
}

std::shared_ptr<const LogChunk> StreamLog::chunk_at(std::uint64_t seq) const {
  const std::lock_guard lock(mutex_);
  if (seq >= next_ || chunks_.empty()) return nullptr;
  // The newest chunk ends at next_ - 1, so there is one.
  return *std::lower_bound(
      chunks_.begin(), chunks_.end(), seq,
      [](const auto& chunk, std::uint64_t wanted) { return chunk->last_seq() < wanted; });
}

}  // namespace kprobed::stream
