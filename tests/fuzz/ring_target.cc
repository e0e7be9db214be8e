// SPDX-License-Identifier: Apache-2.0
//
// Any bytes in any perf rings, with heads anywhere, walked as engine::Pump does it: each whole
// record is given out once, in its ring's order, and nothing else is. What that should be is told
// by a second, slow walk. libFuzzer and replay.cc call it. The input, numbers in the host's order:
//
//   u8   how many rings there are, less one
//   each ring:  u8 its size, 8 << n bytes; u64 where its counters start
//   rounds, until the input ends:
//     u64  the round's limit in time
//     each ring:  u16 how much is written to it, and that; or 0xffff, and u64 where its head jumps
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "require.h"
#include "ringbuf/ring_reader.h"
#include "stream/time_merge.h"

namespace kprobed {
namespace {

using fuzz::require;

constexpr std::size_t kMostRings = 6, kMostSizes = 11, kMostRounds = 64;
constexpr std::uint16_t kJump = 0xffff;
constexpr std::uint64_t kForever = ~std::uint64_t{0};

/// As much as there is of a number, and zeros.
template <typename T>
T next(ByteCursor& input) {
  T value = 0;
  if (!input.read(value)) (void)input.skip(input.left());
  return value;
}

/// All that a record says, to compare it after its ring was read on.
std::string shown(const decode::Record& record) {
  struct Show {
    static std::string stamp(const decode::Stamp& stamp) {
      std::string all;
      for (const std::uint64_t one : {stamp.time_ns, stamp.id, std::uint64_t{stamp.pid},
                                      std::uint64_t{stamp.tid}, std::uint64_t{stamp.cpu}}) {
        all += std::to_string(one) + ' ';
      }
      return all;
    }
    static std::string number(std::uint64_t one) { return std::to_string(one) + ' '; }
    std::string operator()(const decode::Sample& one) const {
      return "sample " + stamp(one.stamp) +
             std::string(reinterpret_cast<const char*>(one.raw.data()), one.raw.size());
    }
    std::string operator()(const decode::CommChange& one) const {
      return "comm " + stamp(one.stamp) + number(one.pid) + number(one.tid) + std::string(one.comm);
    }
    std::string operator()(const decode::Fork& one) const {
      return "fork " + stamp(one.stamp) + number(one.pid) + number(one.ppid) + number(one.tid) +
             number(one.ptid);
    }
    std::string operator()(const decode::Exit& one) const {
      return "exit " + stamp(one.stamp) + number(one.pid) + number(one.tid);
    }
    std::string operator()(const decode::Lost& one) const {
      return "lost " + stamp(one.stamp) + number(one.count);
    }
    std::string operator()(const decode::Other& one) const { return "other " + number(one.type); }
    std::string operator()(const decode::Bad& one) const {
      return "bad " + std::string(one.reason);
    }
  };
  return std::visit(Show{}, record);
}

/// A ring as the kernel has it, its reader, and what the reader should have done.
class Ring {
 public:
  Ring(std::size_t size, std::uint64_t start)
      : size_(size),
        data_(std::make_unique<std::byte[]>(size)),  // exactly so long: asan sees what lies beyond
        reader_(Bytes(data_.get(), size), start),
        tail_(start),
        head_(start) {}

  ringbuf::RingReader& reader() { return reader_; }

  void write(Bytes bytes, std::size_t length) {
    for (std::size_t i = 0; i < bytes.size(); ++i) data_[at(head_ + i)] = bytes[i];
    jump(head_ + length);
  }

  void jump(std::uint64_t head) {
    reader_.advance_head(head);
    if (head < head_ || head - tail_ > size_) {
      tail_ = head;
      bad_bytes_ += size_;
      ++bad_times_;
    }
    head_ = head;
  }

  /// What this round should give of it. A record that is newer than `limit_ns` holds up those
  /// behind it; a size that cannot be right is the end of what is there.
  std::vector<std::string> expect(std::uint64_t limit_ns) {
    std::vector<std::string> all;
    while (tail_ != head_) {
      const std::uint64_t left = head_ - tail_;
      std::vector<std::byte> bytes = copy(std::min<std::uint64_t>(left, 8));
      const std::size_t stated = left < 8 ? 0 : load<std::uint16_t>(bytes.data() + 6, kHostOrder);
      if (stated < 8 || stated % 8 != 0 || stated > left) {
        tail_ = head_;
        bad_bytes_ += left;
        ++bad_times_;
        break;
      }
      bytes = copy(stated);
      const decode::Record record = decode::parse_record(bytes);
      require(decode::time_of(record) == decode::peek_time(bytes), "a record has one time");
      if (decode::time_of(record) > limit_ns) break;
      all.push_back(shown(record));
      tail_ += stated;
    }
    return all;
  }

  void check() const {
    require(reader_.tail() <= reader_.head(), "the tail never passes the head");
    require(reader_.tail() == tail_, "the ring's place is kept");
    require(reader_.head() == head_, "the head is the kernel's");
    require(reader_.malformed_bytes() == bad_bytes_, "each byte that is skipped is counted once");
    require(reader_.malformed_times() == bad_times_, "each skip is counted once");
  }
  bool drained() const { return reader_.tail() == reader_.head(); }

 private:
  std::size_t at(std::uint64_t position) const {
    return static_cast<std::size_t>(position % size_);
  }
  std::vector<std::byte> copy(std::uint64_t count) const {
    std::vector<std::byte> bytes;
    for (std::uint64_t i = 0; i < count; ++i) bytes.push_back(data_[at(tail_ + i)]);
    return bytes;
  }

  std::size_t size_;
  std::unique_ptr<std::byte[]> data_;
  ringbuf::RingReader reader_;
  std::uint64_t tail_, head_, bad_bytes_ = 0, bad_times_ = 0;
};

/// What is given out over all rounds, against what each ring should have given.
class Walk {
 public:
  explicit Walk(std::vector<Ring>& rings) : rings_(rings) {
    for (Ring& ring : rings_) readers_.push_back(&ring.reader());
  }

  void round(std::uint64_t limit_ns) {
    std::vector<std::vector<std::string>> wanted, given(rings_.size());
    std::size_t expected = 0, count = 0;
    for (Ring& ring : rings_) {
      wanted.push_back(ring.expect(limit_ns));
      expected += wanted.back().size();
    }
    const std::size_t taken = merge_.drain(
        readers_, limit_ns, [&](const decode::Record& record, bool late, std::size_t ring) {
          require(++count <= expected, "no more is given than there is");
          require(ring < rings_.size(), "a record is of one of the rings");
          given[ring].push_back(shown(record));
          check_time(record, late, limit_ns);
        });
    require(taken == count, "what is given is counted");
    require(given == wanted, "each ring gives its records once, in order");
    for (const Ring& ring : rings_) ring.check();
  }

 private:
  void check_time(const decode::Record& record, bool late, std::uint64_t limit_ns) {
    const bool timeless = std::holds_alternative<decode::Other>(record) ||
                          std::holds_alternative<decode::Bad>(record);
    const std::uint64_t time = decode::time_of(record);
    require(time <= limit_ns, "nothing is newer than its round");
    require(late == (!timeless && time < newest_), "late is what comes after a newer one");
    newest_ = std::max(newest_, time);
    require(merge_.last_time() == newest_, "the newest time is known");
  }

  std::vector<Ring>& rings_;
  std::vector<ringbuf::RingReader*> readers_;
  stream::TimeMerge<ringbuf::RingReader> merge_;
  std::uint64_t newest_ = 0;
};

void check_any_bytes(Bytes bytes) {
  ByteCursor input(bytes);
  std::vector<Ring> rings;
  const std::size_t count = 1 + next<std::uint8_t>(input) % kMostRings;
  rings.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t size = std::size_t{8} << next<std::uint8_t>(input) % kMostSizes;
    rings.emplace_back(size, next<std::uint64_t>(input));
  }
  Walk walk(rings);
  for (std::size_t round = 0; round < kMostRounds && input.left() > 0; ++round) {
    const auto limit_ns = next<std::uint64_t>(input);
    for (Ring& ring : rings) {
      const auto length = next<std::uint16_t>(input);
      if (length == kJump) {
        ring.jump(next<std::uint64_t>(input));
        continue;
      }
      Bytes written;
      (void)input.take(std::min<std::size_t>(length, input.left()), written);
      ring.write(written, length);
    }
    walk.round(limit_ns);
  }
  walk.round(kForever);
  for (const Ring& ring : rings) require(ring.drained(), "nothing stays in a ring");
}

}  // namespace
}  // namespace kprobed

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kprobed::check_any_bytes({reinterpret_cast<const std::byte*>(data), size});
  return 0;
}
