// SPDX-License-Identifier: Apache-2.0
//
// Output is compared as words: a line's text is its seq; "schema:NAME" is a probe's schema line;
// "3..7" stands for the line that says 3 to 7 were dropped.
#include "stream/log_cursor.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "base/text.h"
#include "make_chunk.h"

namespace kprobed::stream {
namespace {

using test::Line;
using test::line_bytes;
using test::make_chunk;

constexpr std::size_t kPlenty = std::size_t{1} << 20;
constexpr std::uint32_t kOpen = 1, kClose = 2, kOpenRet = 3;

std::string words(std::string_view out) {
  std::string text;
  for (const std::string_view line : split_lines(out)) {
    if (!text.empty()) text += ' ';
    unsigned long long from = 0, to = 0;
    const std::string copy(line);
    if (std::sscanf(copy.c_str(), R"({"type":"dropped","from":%llu,"to":%llu})", &from, &to) == 2) {
      text += std::to_string(from) + ".." + std::to_string(to);
    } else {
      text += line;
    }
  }
  return text;
}

class LogCursorTest : public testing::Test {
 protected:
  LogCursorTest() {
    for (const char* name : {"open", "close", "open_ret"}) {
      directory_.add(name, std::string("schema:") + name + "\n");
    }
  }

  /// Chunks of one line each.
  static void publish(StreamLog& log, std::uint64_t lines, Line line = {}) {
    for (; lines > 0; --lines) log.publish(make_chunk(log.extent().next, {line}));
  }

  LogCursor cursor(const StreamLog& log, LogFilter filter = {}, std::uint64_t seq = 1) const {
    return LogCursor(log, directory_, std::move(filter), seq);
  }

  static std::string take_all(LogCursor& cursor) {
    std::string out;
    EXPECT_FALSE(cursor.take(out, kPlenty));
    return words(out);
  }

  ProbeDirectory directory_;
};

TEST_F(LogCursorTest, Filters) {
  const std::vector<Line> lines = {
      {},                   // 1  about the stream
      {kOpen, 10, true},    // 2
      {kOpen, 20, true},    // 3
      {kClose, 10, true},   // 4
      {kOpenRet, 0, true},  // 5  in the idle task
      {kOpen, 0, false},    // 6  a note: the probe's state
      {kClose, 0, false},   // 7  another
      {kClose, 20, true},   // 8
      {0, 0, false},        // 9  about the stream
  };
  struct Row {
    LogFilter filter;  ///< probes, pids, skip_pids
    const char* seqs;
  };
  const Row rows[] = {
      {{{}, {}, {}}, "1 2 3 4 5 6 7 8 9"},
      {{{"*"}, {}, {}}, "1 2 3 4 5 6 7 8 9"},
      {{{"open"}, {}, {}}, "1 2 3 6 9"},
      {{{"open*"}, {}, {}}, "1 2 3 5 6 9"},
      {{{"open?*"}, {}, {}}, "1 5 9"},
      {{{"open_ret", "close"}, {}, {}}, "1 4 5 7 8 9"},
      {{{"[a-c]*"}, {}, {}}, "1 4 7 8 9"},
      {{{"OPEN"}, {}, {}}, "1 9"},
      {{{"ope"}, {}, {}}, "1 9"},
      {{{""}, {}, {}}, "1 9"},
      {{{"[o"}, {}, {}}, "1 9"},
      {{{}, {10}, {}}, "1 2 4 6 7 9"},
      {{{}, {20, 10}, {}}, "1 2 3 4 6 7 8 9"},
      {{{}, {0}, {}}, "1 5 6 7 9"},
      {{{}, {99}, {}}, "1 6 7 9"},
      {{{}, {}, {10}}, "1 3 5 6 7 8 9"},
      {{{}, {}, {20, 10}}, "1 5 6 7 9"},
      {{{}, {}, {0}}, "1 2 3 4 6 7 8 9"},
      {{{}, {10}, {10}}, "1 6 7 9"},
      {{{"open"}, {20}, {}}, "1 3 6 9"},
      {{{"close"}, {10, 20}, {10}}, "1 7 8 9"},
  };
  StreamLog log(kPlenty, "");
  log.publish(make_chunk(1, lines));
  for (const Row& row : rows) {
    LogCursor one = cursor(log, row.filter);
    std::string seqs;
    std::uint64_t count = 0;
    const std::string all = take_all(one);
    for (const std::string_view word : split_words(all)) {
      if (word.starts_with("schema:")) continue;
      if (!seqs.empty()) seqs += ' ';
      seqs += word;
      ++count;
    }
    EXPECT_EQ(seqs, row.seqs);
    EXPECT_EQ(one.counts().matched, count) << row.seqs;
    EXPECT_EQ(one.next_seq(), 10u) << row.seqs;
  }
}

TEST_F(LogCursorTest, ADroppedLine) {
  StreamLog log(line_bytes(), "");
  publish(log, 3);
  LogCursor one = cursor(log);
  std::string out = "earlier\n";
  EXPECT_FALSE(one.take(out, kPlenty));
  EXPECT_EQ(out, "earlier\n{\"type\":\"dropped\",\"from\":1,\"to\":2}\n3\n");
}

// The log keeps three lines. All are notes, which need no schema.
TEST_F(LogCursorTest, DropsStandInTheirPlace) {
  struct Step {
    std::uint64_t publish;
    const char* taken;
  };
  struct Row {
    const char* name;
    LogFilter filter;
    std::vector<Step> steps;
    CursorCounts counts;
  };
  const LogFilter nothing{{"no_such_probe"}, {}, {}};
  const Row rows[] = {
      {"keeps up",
       {},
       {{0, ""}, {3, "1 2 3"}, {0, ""}, {2, "4 5"}},
       {.matched = 5, .skipped = 0, .dropped = 0}},
      {"just in time",
       {},
       {{3, "1 2 3"}, {3, "4 5 6"}},
       {.matched = 6, .skipped = 0, .dropped = 0}},
      {"one late", {}, {{4, "1..1 2 3 4"}}, {.matched = 3, .skipped = 0, .dropped = 1}},
      {"never read",
       {},
       {{1000, "1..997 998 999 1000"}},
       {.matched = 3, .skipped = 0, .dropped = 997}},
      {"between",
       {},
       {{2, "1 2"}, {3, "3 4 5"}, {5, "6..7 8 9 10"}},
       {.matched = 8, .skipped = 0, .dropped = 2}},
      {"twice",
       {},
       {{4, "1..1 2 3 4"}, {1, "5"}, {9, "6..11 12 13 14"}},
       {.matched = 7, .skipped = 0, .dropped = 7}},
      {"twice on end",
       {},
       {{4, "1..1 2 3 4"}, {4, "5..5 6 7 8"}},
       {.matched = 6, .skipped = 0, .dropped = 2}},
      {"nothing matches",
       nothing,
       {{3, ""}, {3, ""}, {5, "7..8"}, {0, ""}},
       {.matched = 0, .skipped = 0, .dropped = 2}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    StreamLog log(3 * line_bytes(), "");
    LogCursor one = cursor(log, row.filter);
    std::uint64_t published = 0;
    for (const Step& step : row.steps) {
      publish(log, step.publish, Line{.probe = kOpen, .pid = 0, .event = false});
      published += step.publish;
      EXPECT_EQ(take_all(one), step.taken);
      EXPECT_EQ(one.next_seq(), published + 1);
    }
    EXPECT_EQ(one.counts().matched, row.counts.matched);
    EXPECT_EQ(one.counts().dropped, row.counts.dropped);
  }
}

TEST_F(LogCursorTest, TheRestOfAChunkFallsOff) {
  StreamLog log(line_bytes(), "");
  log.publish(make_chunk(1, std::vector<Line>(4)));
  LogCursor one = cursor(log);
  std::string out;
  EXPECT_TRUE(one.take(out, kPlenty, 2));
  publish(log, 2);
  EXPECT_FALSE(one.take(out, kPlenty));
  EXPECT_EQ(words(out), "1 2 3..5 6");
  EXPECT_EQ(one.counts().dropped, 3u);
}

// The log keeps lines 8 to 10; then 11 comes.
TEST_F(LogCursorTest, Starts) {
  struct Row {
    std::uint64_t seq;
    const char* first;
    const char* then;
  };
  const Row rows[] = {
      {0, "1..7 8 9 10", "11"}, {1, "1..7 8 9 10", "11"}, {7, "7..7 8 9 10", "11"},
      {8, "8 9 10", "11"},      {10, "10", "11"},         {11, "", "11"},
      {12, "", "11"},           {UINT64_MAX, "", "11"},
  };
  for (const Row& row : rows) {
    StreamLog log(3 * line_bytes(), "");
    publish(log, 10);
    LogCursor one = cursor(log, {}, row.seq);
    EXPECT_EQ(take_all(one), row.first) << row.seq;
    publish(log, 1);
    EXPECT_EQ(take_all(one), row.then) << row.seq;
  }
}

TEST_F(LogCursorTest, Schemas) {
  const Line open{kOpen, 10, true}, close{kClose, 20, true}, open_note{kOpen, 0, false};
  struct Row {
    const char* name;
    LogFilter filter;
    std::vector<std::vector<Line>> steps;  ///< published, then taken; the log keeps three lines
    const char* taken;
  };
  const Row rows[] = {
      {"once", {}, {{open, open}, {open}}, "schema:open 1 2 3"},
      {"per probe", {}, {{open, close, open}}, "schema:open 1 schema:close 2 3"},
      {"not before a note", {}, {{open_note, {}}, {open}}, "1 2 schema:open 3"},
      {"the first event was dropped",
       {},
       {{open, close, close, open}},
       "1..1 schema:close 2 3 schema:open 4"},
      {"not again after a drop",
       {},
       {{open}, {open, open, open, open}},
       "schema:open 1 2..2 3 4 5"},
      {"not of what was filtered",
       {{}, {20}, {}},
       {{open, open}, {close}, {open}},
       "schema:close 3"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    StreamLog log(3 * line_bytes(), "");
    LogCursor one = cursor(log, row.filter);
    std::string out;
    for (const std::vector<Line>& lines : row.steps) {
      for (const Line& line : lines) publish(log, 1, line);
      EXPECT_FALSE(one.take(out, kPlenty));
    }
    EXPECT_EQ(words(out), row.taken);
  }
}

TEST_F(LogCursorTest, EachClientGetsItsOwnSchemas) {
  StreamLog log(kPlenty, "");
  publish(log, 1, {kOpen, 10, true});
  LogCursor first = cursor(log), second = cursor(log);
  EXPECT_EQ(take_all(first), "schema:open 1");
  EXPECT_EQ(take_all(second), "schema:open 1");
}

// Two chunks, 1 to 5 and 6 to 9, two bytes a line.
TEST_F(LogCursorTest, TakesNoMoreThanItMay) {
  struct Row {
    std::size_t max_bytes, max_lines;
    std::vector<const char*> calls;  ///< all but the last say that there may be more
  };
  const Row rows[] = {
      {1, 100, {"1", "2", "3", "4", "5", "6", "7", "8", "9"}},
      {2, 100, {"1", "2", "3", "4", "5", "6", "7", "8", "9"}},
      {3, 100, {"1 2", "3 4", "5 6", "7 8", "9"}},
      {4, 100, {"1 2", "3 4", "5 6", "7 8", "9"}},
      {17, 100, {"1 2 3 4 5 6 7 8 9"}},
      {16, 100, {"1 2 3 4 5 6 7 8", "9"}},
      {SIZE_MAX, SIZE_MAX, {"1 2 3 4 5 6 7 8 9"}},
      {100, 1, {"1", "2", "3", "4", "5", "6", "7", "8", "9"}},
      {100, 4, {"1 2 3 4", "5 6 7 8", "9"}},
      {100, 5, {"1 2 3 4 5", "6 7 8 9"}},
      {100, 8, {"1 2 3 4 5 6 7 8", "9"}},
      {100, 9, {"1 2 3 4 5 6 7 8 9"}},
      {7, 3, {"1 2 3", "4 5 6", "7 8 9"}},
  };
  StreamLog log(kPlenty, "");
  log.publish(make_chunk(1, std::vector<Line>(5)));
  log.publish(make_chunk(6, std::vector<Line>(4)));
  for (const Row& row : rows) {
    SCOPED_TRACE(testing::Message() << row.max_bytes << " bytes, " << row.max_lines << " lines");
    LogCursor one = cursor(log);
    for (std::size_t i = 0; i < row.calls.size(); ++i) {
      std::string out;
      EXPECT_EQ(one.take(out, row.max_bytes, row.max_lines), i + 1 < row.calls.size());
      EXPECT_EQ(words(out), row.calls[i]);
    }
  }
}

TEST_F(LogCursorTest, TakesNothingIfItMayNot) {
  StreamLog log(line_bytes(), "");
  LogCursor one = cursor(log);
  std::string out;
  EXPECT_FALSE(one.take(out, 0, 0));
  publish(log, 2);
  EXPECT_TRUE(one.take(out, 0, 100));
  EXPECT_TRUE(one.take(out, 100, 0));
  EXPECT_EQ(out, "");
  EXPECT_EQ(one.next_seq(), 1u);
}

TEST_F(LogCursorTest, SchemasAndDropsCountAsLines) {
  StreamLog log(line_bytes(), "");
  publish(log, 2, {kOpen, 10, true});
  LogCursor one = cursor(log);
  std::string out;
  const char* const calls[] = {"1..1", "schema:open", "2"};
  for (std::size_t i = 0; i < std::size(calls); ++i) {
    out.clear();
    EXPECT_EQ(one.take(out, 1), i < 2);
    EXPECT_EQ(words(out), calls[i]);
  }
}

TEST_F(LogCursorTest, AFilterThatMatchesNothingIsBoundedToo) {
  StreamLog log(kPlenty, "");
  log.publish(make_chunk(1, std::vector<Line>(1000, Line{kOpen, 10, true})));
  LogCursor one = cursor(log, {{"close"}, {}, {}});
  std::string out;
  EXPECT_TRUE(one.take(out, kPlenty, 400));
  EXPECT_EQ(one.next_seq(), 401u);
  EXPECT_FALSE(one.take(out, kPlenty));
  EXPECT_EQ(one.next_seq(), 1001u);
  EXPECT_EQ(out, "");
}

TEST_F(LogCursorTest, NeighboursGoOutAsOnePiece) {
  StreamLog log(kPlenty, "");
  const Line open{kOpen, 10, true}, close{kClose, 10, true};
  log.publish(make_chunk(1, {open, open, close, close, open}));
  log.publish(make_chunk(6, {open}));
  struct Row {
    std::vector<std::string> globs;
    std::size_t pieces;  ///< schema lines among them
    const char* taken;
  };
  const Row rows[] = {
      {{}, 5, "schema:open 1 2 schema:close 3 4 5 6"},
      {{"open"}, 4, "schema:open 1 2 5 6"},
      {{"close"}, 2, "schema:close 3 4"},
      {{"none"}, 0, ""},
  };
  for (const Row& row : rows) {
    LogCursor one = cursor(log, {row.globs, {}, {}});
    LineBatch batch;
    EXPECT_FALSE(one.take(batch, kPlenty));
    EXPECT_EQ(batch.pieces().size(), row.pieces) << row.taken;
    std::string all;
    batch.copy_rest(0, all);
    EXPECT_EQ(words(all), row.taken);
    EXPECT_EQ(batch.size(), all.size());
    for (std::size_t sent = 0; sent <= all.size(); ++sent) {
      std::string rest;
      batch.copy_rest(sent, rest);
      EXPECT_EQ(rest, all.substr(sent));
    }
  }
}

TEST_F(LogCursorTest, ABatchHasNoMorePiecesThanASocketTakes) {
  StreamLog log(kPlenty, "");
  std::vector<Line> lines;
  for (int i = 0; i < 2000; ++i) lines.push_back({i % 2 == 0 ? kOpen : kClose, 10, true});
  log.publish(make_chunk(1, lines));
  LogCursor one = cursor(log, {{"open"}, {}, {}});
  std::string all;
  for (bool more = true; more;) {
    LineBatch batch;
    more = one.take(batch, kPlenty);
    EXPECT_LE(batch.pieces().size(), LineBatch::kMaxPieces);
    batch.copy_rest(0, all);
  }
  EXPECT_EQ(one.counts().matched, 1000u);
  EXPECT_EQ(split_lines(all).size(), 1001u);
}

TEST_F(LogCursorTest, ABatchKeepsWhatFellOffTheLogMeanwhile) {
  StreamLog log(line_bytes(), "");
  publish(log, 1);
  LogCursor one = cursor(log);
  LineBatch batch;
  one.take(batch, kPlenty);
  publish(log, 100);
  std::string out;
  batch.copy_rest(0, out);
  EXPECT_EQ(out, "1\n");
}

TEST(ProbeDirectoryTest, Numbers) {
  ProbeDirectory directory;
  EXPECT_EQ(directory.name(1), "");
  EXPECT_EQ(directory.add("open", "a\n"), 1u);
  EXPECT_EQ(directory.add("close", "b\n"), 2u);
  EXPECT_EQ(directory.add("open", "c\n"), 3u);  // removed and added again: another probe
  struct Row {
    std::uint32_t number;
    const char *name, *schema_line;
  };
  const Row rows[] = {
      {0, "", ""},        {1, "open", "a\n"}, {2, "close", "b\n"},
      {3, "open", "c\n"}, {4, "", ""},        {UINT32_MAX, "", ""},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(directory.name(row.number), row.name) << row.number;
    EXPECT_EQ(directory.schema_line(row.number), row.schema_line) << row.number;
  }
}

}  // namespace
}  // namespace kprobed::stream
