// SPDX-License-Identifier: Apache-2.0
#include "daemon/line_reader.h"

#include <gmock/gmock.h>

#include <vector>

namespace kprobed::daemon {
namespace {

/// What comes out of pieces fed one after the other; "!" for a line that is too long.
std::vector<std::string> lines_of(const std::vector<std::string>& pieces, std::size_t limit) {
  LineReader reader(limit);
  std::vector<std::string> lines;
  for (const std::string& piece : pieces) {
    reader.feed(piece);
    while (auto line = reader.next()) lines.push_back(line->too_long ? "!" : line->text);
  }
  return lines;
}

TEST(LineReader, Lines) {
  using Texts = std::vector<std::string>;
  const struct {
    Texts pieces, lines;
  } rows[] = {
      {{"a\nb\n"}, {"a", "b"}},
      {{"a", "b", "\n"}, {"ab"}},
      {{"\n\n"}, {"", ""}},
      {{"a\nb"}, {"a"}},
      {{std::string("\0\n", 2)}, {std::string(1, '\0')}},
      {{"1234567\n"}, {"1234567"}},  // eight with its newline
      {{"12345678\n"}, {"!"}},
      {{"1234567", "8\n"}, {"!"}},
      {{"1234567", "\n"}, {"1234567"}},
      {{"12345678", "9", "0123456789", "0\nok\n"}, {"!", "ok"}},
      {{"12345678", "\nok\n"}, {"!", "ok"}},
      {{"123456789012345678901234567890\nok\n"}, {"!", "ok"}},
      {{"12345678", "12345678", "12345678"}, {"!"}},
      {{"12345678", "\n12345678", "\n"}, {"!", "!"}},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(lines_of(row.pieces, 8), row.lines) << testing::PrintToString(row.pieces);
  }
}

TEST(LineReader, HoldsNoMoreThanALine) {
  LineReader reader(1024);
  for (int i = 0; i < 10'000; ++i) {
    reader.feed(std::string(1000, 'x'));
    while (reader.next()) {
    }
    EXPECT_LE(reader.size(), 1024U);
  }
}

}  // namespace
}  // namespace kprobed::daemon
