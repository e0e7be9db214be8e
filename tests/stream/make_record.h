// SPDX-License-Identifier: Apache-2.0
//
// perf records by hand, laid out from perf_event_open(2) and not from decode's own constants.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "decode/record.h"

namespace kprobed::stream::test {

/// Bytes in an order of one's choice, growing at the end.
class Maker {
 public:
  explicit Maker(ByteOrder order = kHostOrder) : order_(order) {}

  Maker& number(std::uint64_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) {
      const std::size_t shift = 8 * (order_ == ByteOrder::little ? i : bytes - 1 - i);
      bytes_.push_back(static_cast<std::byte>(value >> shift));
    }
    return *this;
  }
  Maker& u16(std::uint64_t value) { return number(value, 2); }
  Maker& u32(std::uint64_t value) { return number(value, 4); }
  Maker& u64(std::uint64_t value) { return number(value, 8); }
  Maker& text(std::string_view text) {
    for (const char c : text) bytes_.push_back(static_cast<std::byte>(c));
    return *this;
  }
  Maker& bytes(Bytes bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  Maker& zeros_to(std::size_t multiple) {
    while (bytes_.size() % multiple != 0) bytes_.push_back(std::byte{0});
    return *this;
  }

  const std::vector<std::byte>& made() const { return bytes_; }

 private:
  ByteOrder order_;
  std::vector<std::byte> bytes_;
};

using RecordBytes = std::vector<std::byte>;

/// struct perf_event_header {u32 type; u16 misc; u16 size} and `body`.
inline RecordBytes with_header(std::uint32_t type, const Maker& body) {
  return Maker().u32(type).u16(0).u16(8 + body.made().size()).bytes(body.made()).made();
}

/// IDENTIFIER, TID, TIME, CPU, RAW. The raw size is such that the record ends at 8 bytes.
inline RecordBytes make_sample(const decode::Stamp& stamp, Bytes raw = {}) {
  Maker padded;
  padded.u32(0).bytes(raw).zeros_to(8);
  const std::size_t raw_size = padded.made().size() - 4;
  Maker body;
  body.u64(stamp.id).u32(stamp.pid).u32(stamp.tid).u64(stamp.time_ns).u32(stamp.cpu).u32(0);
  body.u32(raw_size).bytes(Bytes(padded.made()).subspan(4));
  return with_header(9, body);
}

/// What sample_id_all appends: TID, TIME, CPU, IDENTIFIER.
inline Maker& append_sample_id(const decode::Stamp& stamp, Maker& body) {
  return body.u32(stamp.pid).u32(stamp.tid).u64(stamp.time_ns).u32(stamp.cpu).u32(0).u64(stamp.id);
}

/// `comm` takes the NUL and the padding that the kernel gives it.
inline RecordBytes make_comm(const decode::Stamp& stamp, std::string_view comm) {
  Maker body;
  body.u32(stamp.pid).u32(stamp.tid).text(comm).number(0, 1).zeros_to(8);
  return with_header(3, append_sample_id(stamp, body));
}

/// PERF_RECORD_LOST of `count` records.
inline RecordBytes make_lost(const decode::Stamp& stamp, std::uint64_t count) {
  Maker body;
  body.u64(stamp.id).u64(count);
  return with_header(2, append_sample_id(stamp, body));
}

/// A type that nobody asked for (PERF_RECORD_MMAP2), without any time that one could rely on.
inline RecordBytes make_other() { return with_header(10, Maker().u64(0).u64(0)); }

/// A sample that ends before its fixed part does.
inline RecordBytes make_bad() { return with_header(9, Maker().u64(1)); }

/// The u32 of a __data_loc field: low 16 bits where, high 16 how long with the NUL.
inline std::uint64_t data_loc(std::size_t offset, std::size_t length) {
  return (length & 0xffff) << 16 | (offset & 0xffff);
}

}  // namespace kprobed::stream::test
