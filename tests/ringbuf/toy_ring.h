// SPDX-License-Identifier: Apache-2.0
//
// The kernel's side of a ring in plain memory: perf_output_begin() and perf_output_copy() of
// kernel/events/ring_buffer.c, reduced to their arithmetic.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "base/byte_cursor.h"

namespace kprobed::ringbuf {

using ByteVector = std::vector<std::byte>;

/// A record of `size` bytes, its header stating `stated`, its body filled with `fill`.
inline ByteVector record_of(std::size_t size, std::uint16_t stated, unsigned fill) {
  ByteVector bytes(size, static_cast<std::byte>(fill));
  std::memcpy(bytes.data() + 6, &stated, sizeof stated);
  return bytes;
}
inline ByteVector record_of(std::size_t size, unsigned fill) {
  return record_of(size, static_cast<std::uint16_t>(size), fill);
}

class ToyRing {
 public:
  explicit ToyRing(std::size_t size, std::uint64_t start = 0)
      : data_(size, std::byte{0xee}), head_(start) {}

  /// False if `record` finds no room beside what is unread.
  bool write(const ByteVector& record, std::uint64_t tail) {
    if (head_ + record.size() - tail > data_.size()) return false;
    for (const std::byte byte : record) data_[head_++ % data_.size()] = byte;
    return true;
  }

  std::uint64_t head() const { return head_; }
  const ByteVector& data() const { return data_; }

 private:
  ByteVector data_;
  std::uint64_t head_;
};

}  // namespace kprobed::ringbuf
