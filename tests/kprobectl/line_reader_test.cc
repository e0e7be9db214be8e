// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/line_reader.h"

#include <gmock/gmock.h>
#include <sys/socket.h>

#include "base/unique_fd.h"

namespace kprobed::kprobectl {
namespace {

struct Pair {
  Pair() {
    int fds[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    ours.reset(fds[0]);
    theirs.reset(fds[1]);
  }
  void send(std::string_view text) const {
    ASSERT_EQ(::send(theirs.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  }
  UniqueFd ours, theirs;
};

TEST(LineReader, CutsLinesHoweverTheyCome) {
  const struct {
    std::vector<std::string> pieces;
    std::vector<std::string> lines;
  } rows[] = {
      {{"a\n"}, {"a\n"}},
      {{"a\nb\n"}, {"a\n", "b\n"}},
      {{"a", "b", "\n"}, {"ab\n"}},
      {{"a\nb", "c\nd"}, {"a\n", "bc\n"}},
      {{"\n\n"}, {"\n", "\n"}},
      {{std::string("a\0b\n", 4)}, {std::string("a\0b\n", 4)}},
      {{"12345678\n"}, {"12345678\n"}},  // as long as allowed
  };
  for (const auto& row : rows) {
    const Pair pair;
    LineReader reader(8);
    std::vector<std::string> lines;
    for (const std::string& piece : row.pieces) {
      pair.send(piece);
      auto filled = reader.fill(pair.ours.get());
      ASSERT_TRUE(filled.ok());
      EXPECT_EQ(*filled, LineReader::Fill::bytes);
      while (const auto line = reader.next()) lines.emplace_back(*line);
    }
    EXPECT_EQ(lines, row.lines) << row.pieces.front();
  }
}

TEST(LineReader, BoundsALine) {
  for (const std::vector<std::string>& pieces :
       {std::vector<std::string>{"123456789"}, {"123456789\n"}, {"1234", "56789"}}) {
    const Pair pair;
    LineReader reader(8);
    bool refused = false;
    for (const std::string& piece : pieces) {
      pair.send(piece);
      auto filled = reader.fill(pair.ours.get());
      refused = !filled.ok() && filled.error().code == ErrorCode::malformed;
      while (!refused && reader.next()) {
      }
    }
    EXPECT_TRUE(refused) << pieces.back();
  }
}

TEST(LineReader, TellsNothingFromTheEnd) {
  Pair pair;
  LineReader reader(8);
  EXPECT_EQ(*reader.fill(pair.ours.get()), LineReader::Fill::nothing);
  pair.theirs.reset();
  EXPECT_EQ(*reader.fill(pair.ours.get()), LineReader::Fill::end);
}

TEST(LineReader, AnEndWithOurBytesUnreadIsAnEnd) {
  Pair pair;
  LineReader reader(8);
  ASSERT_EQ(::send(pair.ours.get(), "x", 1, 0), 1);
  pair.theirs.reset();
  EXPECT_EQ(*reader.fill(pair.ours.get()), LineReader::Fill::end);
}

}  // namespace
}  // namespace kprobed::kprobectl
