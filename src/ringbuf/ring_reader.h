// SPDX-License-Identifier: Apache-2.0
//
// The arithmetic of a perf ring, apart from mmap and kernel: whole records out of a power-of-two
// buffer between two ever-growing counters.
//
//        tail % size          head % size
//            v                     v
//    [ ....  | rec | rec | rec ... |  free ... ]      (or wrapped around the end)
#pragma once

#include <cstdint>
#include <vector>

#include "base/byte_cursor.h"

namespace kprobed::ringbuf {

class RingReader {
 public:
  /// `data`: the ring's data pages; its size is a power of two, 8 bytes at least. The memory must
  /// outlive the reader.
  explicit RingReader(Bytes data, std::uint64_t tail = 0);

  // A record that wraps is handed out of a buffer of ours: a copy would point into its original.
  RingReader(RingReader&&) noexcept = default;
  RingReader& operator=(RingReader&&) noexcept = default;

  /// Everything before `head` may now be read. `head` only grows; a head that went backwards or
  /// more than the ring's size ahead is the kernel's (or memory's) lie: what peek() gave is void,
  /// all up to it is skipped, and counted as the whole ring, since nobody knows what it held.
  void advance_head(std::uint64_t head);

  /// The next whole record, without consuming it; empty when there is none. Its bytes are valid
  /// until the next peek() that follows a consume(), and as long as tail() has not been given to
  /// the kernel: one that wraps is copied into a buffer of the reader's own, all others lie in the
  /// ring. A header whose size cannot be right (under 8, over what is there, not a multiple of 8)
  /// makes the rest up to head unreadable: it is skipped, and counted in malformed_bytes().
  Bytes peek() {
    const auto at = static_cast<std::size_t>(tail_ & (data_.size() - 1));
    const std::size_t until_end = data_.size() - at;
    // Nearly always: a whole record that does not wrap.
    if (peeked_.empty() && head_ - tail_ >= kHeaderBytes && until_end >= kHeaderBytes) {
      const auto size = load<std::uint16_t>(data_.data() + at + kSizeOffset, kHostOrder);
      if (size >= kHeaderBytes && size % 8 == 0 && size <= head_ - tail_ && size <= until_end)
        peeked_ = data_.subspan(at, size);
    }
    return peeked_.empty() ? peek_closely() : peeked_;
  }

  /// Done with what peek() gave; nothing happens if it gave nothing.
  void consume() {
    tail_ += peeked_.size();
    peeked_ = {};
  }

  /// What may be written to data_tail: everything before it has been consumed.
  std::uint64_t tail() const { return tail_; }
  std::uint64_t head() const { return head_; }
  std::size_t size() const { return data_.size(); }

  /// Bytes skipped unread, and how often that happened.
  std::uint64_t malformed_bytes() const { return malformed_bytes_; }
  std::uint64_t malformed_times() const { return malformed_times_; }

 private:
  // struct perf_event_header: u32 type, u16 misc, u16 size
  static constexpr std::size_t kHeaderBytes = 8, kSizeOffset = 6;

  Bytes peek_closely();
  Bytes bytes_at_tail(std::size_t count);
  void skip_to(std::uint64_t head, std::uint64_t bytes);

  Bytes data_;
  std::uint64_t tail_ = 0, head_ = 0;
  Bytes peeked_;                    ///< the record handed out; empty: none
  std::vector<std::byte> wrapped_;  ///< grows to the longest record that wrapped
  std::uint64_t malformed_bytes_ = 0, malformed_times_ = 0;
};

}  // namespace kprobed::ringbuf
