// SPDX-License-Identifier: Apache-2.0
#include "stream/stream_log.h"

#include <gtest/gtest.h>

#include "make_chunk.h"

namespace kprobed::stream {
namespace {

using test::Line;
using test::line_bytes;
using test::make_chunk;

constexpr std::size_t kPlenty = std::size_t{1} << 20;

/// `lines` lines about the stream, following what is there.
void publish(StreamLog& log, std::size_t lines) {
  log.publish(make_chunk(log.extent().next, std::vector<Line>(lines)));
}

TEST(StreamLogTest, Empty) {
  const StreamLog log(kPlenty, "a1b2");
  EXPECT_EQ(log.stream_id(), "a1b2");
  const StreamLog::Extent extent = log.extent();
  EXPECT_EQ(extent.oldest, 1u);
  EXPECT_EQ(extent.next, 1u);
  EXPECT_EQ(extent.bytes, 0u);
  EXPECT_EQ(extent.max_bytes, kPlenty);
  for (const std::uint64_t seq : {std::uint64_t{0}, std::uint64_t{1}, UINT64_MAX}) {
    EXPECT_EQ(log.chunk_at(seq), nullptr) << seq;
  }
}

TEST(StreamLogTest, ChunkAt) {
  struct Row {
    std::vector<std::size_t> chunks;  ///< lines in each
    std::size_t kept;                 ///< of these, so many of the last ones
    std::uint64_t seq;
    std::uint64_t first;  ///< seq of the chunk found; 0: none
  };
  const Row rows[] = {
      {{1}, 1, 0, 1},
      {{1}, 1, 1, 1},
      {{1}, 1, 2, 0},
      {{3, 1, 5}, 3, 0, 1},
      {{3, 1, 5}, 3, 1, 1},
      {{3, 1, 5}, 3, 3, 1},
      {{3, 1, 5}, 3, 4, 4},
      {{3, 1, 5}, 3, 5, 5},
      {{3, 1, 5}, 3, 9, 5},
      {{3, 1, 5}, 3, 10, 0},
      {{3, 1, 5}, 3, UINT64_MAX, 0},
      {{3, 1, 5}, 2, 0, 4},  // fallen off: the oldest
      {{3, 1, 5}, 2, 3, 4},
      {{3, 1, 5}, 2, 4, 4},
      {{3, 1, 5}, 2, 5, 5},
      {{3, 1, 5}, 1, 4, 5},
      {{3, 1, 5}, 1, 9, 5},
      {{3, 1, 5}, 1, 10, 0},
  };
  for (const Row& row : rows) {
    std::size_t max_bytes = 0;
    for (std::size_t i = row.chunks.size() - row.kept; i < row.chunks.size(); ++i) {
      max_bytes += make_chunk(1, std::vector<Line>(row.chunks[i]))->bytes();
    }
    StreamLog log(max_bytes, "");
    for (const std::size_t lines : row.chunks) publish(log, lines);
    const auto chunk = log.chunk_at(row.seq);
    EXPECT_EQ(chunk ? chunk->first_seq() : 0, row.first)
        << row.kept << " chunks kept, seq " << row.seq;
  }
}

TEST(StreamLogTest, OldChunksFallOff) {
  struct Row {
    const char* name;
    std::size_t max_bytes;
    std::uint64_t published;  ///< chunks of one line
    std::uint64_t oldest;     ///< line kept
  };
  const std::size_t one = line_bytes();
  const Row rows[] = {
      {"room for all", 3 * one, 2, 1},           {"just full", 3 * one, 3, 1},
      {"one too many", 3 * one, 4, 2},           {"one byte short", 3 * one - 1, 3, 2},
      {"long past", 3 * one, 1000, 998},         {"room for one", one, 10, 10},
      {"room for half of one", one / 2, 10, 10}, {"no room at all", 0, 10, 10},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    StreamLog log(row.max_bytes, "");
    for (std::uint64_t i = 0; i < row.published; ++i) publish(log, 1);
    const StreamLog::Extent extent = log.extent();
    EXPECT_EQ(extent.oldest, row.oldest);
    EXPECT_EQ(extent.next, row.published + 1);
    EXPECT_EQ(extent.bytes, (row.published + 1 - row.oldest) * one);
  }
}

TEST(StreamLogTest, AChunkTooLargeStaysAloneUntilTheNext) {
  const std::size_t one = line_bytes();
  StreamLog log(3 * one, "");
  publish(log, 1);
  publish(log, 1);
  publish(log, 1000);
  EXPECT_EQ(log.extent().oldest, 3u);
  EXPECT_EQ(log.extent().next, 1003u);
  EXPECT_GT(log.extent().bytes, log.extent().max_bytes);
  EXPECT_EQ(log.chunk_at(1)->last_seq(), 1002u);

  publish(log, 1);
  EXPECT_EQ(log.extent().oldest, 1003u);
  EXPECT_EQ(log.extent().bytes, one);
}

TEST(StreamLogTest, TheBoundCoversIndexAndUnusedCapacity) {
  LogChunk chunk;
  chunk.text.reserve(5000);
  chunk.lines.reserve(100);
  EXPECT_GE(chunk.bytes(), sizeof(LogChunk) + 5000 + 100 * sizeof(LogLine));
}

TEST(StreamLogTest, AnEmptyChunkIsNothing) {
  StreamLog log(kPlenty, "");
  log.publish(std::make_shared<LogChunk>());
  EXPECT_EQ(log.extent().bytes, 0u);
  publish(log, 1);
  log.publish(std::make_shared<LogChunk>());
  EXPECT_EQ(log.extent().next, 2u);
  EXPECT_EQ(log.extent().bytes, line_bytes());
}

TEST(StreamLogTest, AChunkLivesAsLongAsItsLastReader) {
  StreamLog log(line_bytes(), "");
  publish(log, 1);
  auto reading = log.chunk_at(1);
  const std::weak_ptr<const LogChunk> first = reading;
  publish(log, 1);
  const std::weak_ptr<const LogChunk> second = log.chunk_at(2);
  EXPECT_EQ(reading->text.view(), "1\n");
  reading.reset();
  EXPECT_TRUE(first.expired());
  EXPECT_FALSE(second.expired());
  publish(log, 1);
  EXPECT_TRUE(second.expired());
}

}  // namespace
}  // namespace kprobed::stream
