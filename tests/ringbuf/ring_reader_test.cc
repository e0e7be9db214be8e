// SPDX-License-Identifier: Apache-2.0
#include "ringbuf/ring_reader.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "toy_ring.h"

namespace kprobed::ringbuf {
namespace {

ByteVector copy(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

TEST(RingReader, HasNothingBeforeTheFirstHead) {
  const ToyRing ring(16);
  RingReader reader(ring.data());
  EXPECT_TRUE(reader.peek().empty());
  reader.consume();
  EXPECT_EQ(reader.tail(), 0u);
  reader.advance_head(0);
  EXPECT_TRUE(reader.peek().empty());
  EXPECT_EQ(reader.malformed_times(), 0u);
}

TEST(RingReader, PeekDoesNotConsume) {
  ToyRing ring(16);
  RingReader reader(ring.data());
  ASSERT_TRUE(ring.write(record_of(8, 1), 0));
  ASSERT_TRUE(ring.write(record_of(8, 2), 0));
  reader.advance_head(ring.head());
  EXPECT_EQ(copy(reader.peek()), record_of(8, 1));
  EXPECT_EQ(copy(reader.peek()), record_of(8, 1));
  EXPECT_EQ(reader.tail(), 0u);
  reader.consume();
  EXPECT_EQ(reader.tail(), 8u);
  reader.consume();  // nothing was peeked
  EXPECT_EQ(reader.tail(), 8u);
  EXPECT_EQ(copy(reader.peek()), record_of(8, 2));
  reader.consume();
  EXPECT_EQ(reader.tail(), 16u);
  EXPECT_TRUE(reader.peek().empty());
}

// A ring of every small size, a record of every size that fits, at every place, so also across the
// end; and once more with counters that are about to pass 2^32.
TEST(RingReader, WrapsAtEveryPosition) {
  for (const std::size_t ring_size : {16u, 32u, 64u}) {
    for (std::size_t size = 8; size <= ring_size; size += 8) {
      for (std::size_t at = 0; at < ring_size; at += 8) {
        for (const std::uint64_t base : {std::uint64_t{0}, (std::uint64_t{1} << 32) - ring_size}) {
          SCOPED_TRACE(testing::Message() << size << " at " << at << " of " << ring_size);
          ToyRing ring(ring_size, base + at);
          RingReader reader(ring.data(), base + at);
          ASSERT_TRUE(ring.write(record_of(size, 0x5a), base + at));
          reader.advance_head(ring.head());
          ASSERT_EQ(copy(reader.peek()), record_of(size, 0x5a));
          reader.consume();
          EXPECT_EQ(reader.tail(), base + at + size);
          EXPECT_TRUE(reader.peek().empty());
          EXPECT_EQ(reader.malformed_times(), 0u);
        }
      }
    }
  }
}

TEST(RingReader, SkipsWhatAHeaderLiesAbout) {
  struct Row {
    const char* why;
    std::uint16_t stated;  ///< by a record of 16 bytes in a ring of 64, another of 8 behind it
    bool lie;
  };
  const Row rows[] = {
      {"none", 0, true},
      {"under a header", 7, true},
      {"no multiple of 8", 12, true},
      {"one more", 17, true},
      {"as it is", 16, false},
      {"all there is", 24, false},
      {"over what is there", 32, true},
      {"over the ring", 72, true},
      {"most", 0xfff8, true},
      {"all ones", 0xffff, true},
  };
  for (const Row& row : rows) {
    for (std::size_t at = 0; at < 64; at += 8) {
      SCOPED_TRACE(testing::Message() << row.why << " at " << at);
      ToyRing ring(64, at);
      RingReader reader(ring.data(), at);
      ASSERT_TRUE(ring.write(record_of(16, row.stated, 1), at));
      ASSERT_TRUE(ring.write(record_of(8, 2), at));
      reader.advance_head(ring.head());
      const Bytes first = reader.peek();
      EXPECT_EQ(first.size(), row.lie ? 0 : row.stated);
      EXPECT_EQ(reader.malformed_times(), row.lie ? 1u : 0u);
      EXPECT_EQ(reader.malformed_bytes(), row.lie ? 24u : 0u);
      if (!row.lie) continue;
      EXPECT_EQ(reader.tail(), at + 24);
      // What comes later is read again.
      ASSERT_TRUE(ring.write(record_of(40, 3), reader.tail()));
      reader.advance_head(ring.head());
      EXPECT_EQ(copy(reader.peek()), record_of(40, 3));
    }
  }
}

TEST(RingReader, BelievesNoImpossibleHead) {
  struct Row {
    const char* why;
    std::uint64_t head;  ///< after 64, of which 48 have been consumed, in a ring of 32
    std::uint64_t tail, lost;
  };
  const Row rows[] = {
      {"the same", 64, 48, 0},
      {"a full ring", 80, 48, 0},
      {"over a full ring", 88, 88, 32},
      {"backwards", 56, 56, 32},
      {"behind the tail", 40, 40, 32},
      {"zero", 0, 0, 32},
      {"far ahead", std::uint64_t{1} << 63, std::uint64_t{1} << 63, 32},
      {"all ones", ~std::uint64_t{0}, ~std::uint64_t{0}, 32},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    ToyRing ring(32, 48);
    RingReader reader(ring.data(), 48);
    ASSERT_TRUE(ring.write(record_of(16, 1), 48));
    reader.advance_head(ring.head());
    ASSERT_FALSE(reader.peek().empty());
    reader.advance_head(row.head);
    EXPECT_EQ(reader.head(), row.head);
    EXPECT_EQ(reader.tail(), row.tail);
    EXPECT_EQ(reader.malformed_bytes(), row.lost);
    EXPECT_EQ(reader.malformed_times(), row.lost != 0 ? 1u : 0u);
    EXPECT_EQ(reader.peek().empty(), row.lost != 0);
    reader.consume();
    EXPECT_EQ(reader.tail(), row.lost != 0 ? row.head : 64);
  }
}

// An odd head cannot come from the kernel, but must not be read beyond either.
TEST(RingReader, SkipsAPieceOfAHeader) {
  for (std::uint64_t odd = 1; odd < 8; ++odd) {
    const ToyRing ring(16);
    RingReader reader(ring.data());
    reader.advance_head(odd);
    EXPECT_TRUE(reader.peek().empty());
    EXPECT_EQ(reader.malformed_bytes(), odd);
    EXPECT_EQ(reader.tail(), odd);
  }
}

TEST(RingReader, KeepsAWrappedRecordWhenMoved) {
  ToyRing ring(16, 8);
  RingReader reader(ring.data(), 8);
  ASSERT_TRUE(ring.write(record_of(16, 9), 8));
  reader.advance_head(ring.head());
  const Bytes before = reader.peek();
  RingReader moved = std::move(reader);
  EXPECT_EQ(copy(moved.peek()), record_of(16, 9));
  EXPECT_EQ(moved.peek().data(), before.data());
}

TEST(RingReader, GivesBackWhatWasWritten) {
  std::mt19937_64 random(4);
  for (const std::size_t ring_size : {16u, 32u, 64u, 256u, 4096u}) {
    ToyRing ring(ring_size);
    RingReader reader(ring.data());
    std::deque<ByteVector> unread;
    std::size_t read = 0;
    for (int step = 0; step < 50'000; ++step) {
      const std::size_t size = 8 + 8 * (random() % (ring_size / 8));
      ByteVector record = record_of(size, static_cast<unsigned>(random()));
      if (ring.write(record, reader.tail())) unread.push_back(std::move(record));
      if (random() % 3 != 0) continue;
      reader.advance_head(ring.head());
      for (std::size_t n = random() % 4; n > 0 && !unread.empty(); --n) {
        ASSERT_EQ(copy(reader.peek()), unread.front());
        reader.consume();
        unread.pop_front();
        ++read;
      }
      ASSERT_TRUE(!unread.empty() || reader.peek().empty());
    }
    EXPECT_GT(read, 1000u);
    EXPECT_EQ(reader.malformed_times(), 0u);
  }
}

TEST(RingReader, SurvivesRandomMemory) {
  std::mt19937_64 random(5);
  std::size_t records = 0;
  for (int round = 0; round < 200'000; ++round) {
    ByteVector data(std::size_t{8} << (random() % 6));
    for (std::byte& byte : data) byte = static_cast<std::byte>(random());
    // Likely sizes in some headers, or hardly a record would be handed out.
    for (std::size_t at = 0; at < data.size(); at += 8) {
      if (random() % 2 != 0) continue;
      const auto size = static_cast<std::uint16_t>(8 * (random() % 6));
      std::memcpy(data.data() + at + 6, &size, sizeof size);
    }
    RingReader reader(data, random() % 4 == 0 ? random() : 8 * (random() % 16));
    for (int step = 0; step < 4; ++step) {
      reader.advance_head(reader.tail() + (random() % 16 == 0 ? random() : random() % 300));
      for (Bytes record = reader.peek(); !record.empty(); record = reader.peek()) {
        ASSERT_LE(record.size(), data.size());
        ASSERT_EQ(load<std::uint16_t>(record.data() + 6, kHostOrder), record.size());
        ASSERT_LE(reader.tail() + record.size(), reader.head());
        reader.consume();
        ++records;
      }
      ASSERT_EQ(reader.tail(), reader.head());
    }
  }
  EXPECT_GT(records, 10'000u);
}

}  // namespace
}  // namespace kprobed::ringbuf
