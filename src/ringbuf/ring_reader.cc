// SPDX-License-Identifier: Apache-2.0
#include "ringbuf/ring_reader.h"

#include <bit>
#include <cassert>
#include <cstring>

namespace kprobed::ringbuf {

RingReader::RingReader(Bytes data, std::uint64_t tail) : data_(data), tail_(tail), head_(tail) {
  assert(std::has_single_bit(data.size()) && data.size() >= kHeaderBytes);
}

void RingReader::advance_head(std::uint64_t head) {
  // head >= head_ first: then head - tail_ cannot wrap, as tail_ <= head_.
  if (head < head_ || head - tail_ > data_.size())
    skip_to(head, data_.size());
  else
    head_ = head;
}

/// What wraps, ends too early, or lies.
Bytes RingReader::peek_closely() {
  if (tail_ == head_) return {};
  const std::uint64_t left = head_ - tail_;
  std::uint16_t size = 0;
  if (left >= kHeaderBytes)
    size = load<std::uint16_t>(bytes_at_tail(kHeaderBytes).data() + kSizeOffset, kHostOrder);
  if (size < kHeaderBytes || size > left || size % 8 != 0)
    skip_to(head_, left);
  else
    peeked_ = bytes_at_tail(size);
  return peeked_;
}

Bytes RingReader::bytes_at_tail(std::size_t count) {
  const auto at = static_cast<std::size_t>(tail_ & (data_.size() - 1));
  const std::size_t until_end = data_.size() - at;
  if (count <= until_end) return data_.subspan(at, count);
  wrapped_.resize(count);
  std::memcpy(wrapped_.data(), data_.data() + at, until_end);
  std::memcpy(wrapped_.data() + until_end, data_.data(), count - until_end);
  return wrapped_;
}

void RingReader::skip_to(std::uint64_t head, std::uint64_t bytes) {
  tail_ = head_ = head;
  peeked_ = {};
  malformed_bytes_ += bytes;
  ++malformed_times_;
}

}  // namespace kprobed::ringbuf
