// SPDX-License-Identifier: Apache-2.0
#include "stream/terminal_text.h"

#include <gtest/gtest.h>

namespace kprobed::stream {
namespace {

TEST(TerminalTextTest, Texts) {
  using namespace std::string_view_literals;
  struct Row {
    std::string_view text;
    bool in_quotes;
    const char* shown;
  };
  const Row rows[] = {
      {"", false, ""},
      {"plain text", false, "plain text"},
      {"\0\t\n\r\x1b\x1f"sv, false, R"(\x00\x09\x0a\x0d\x1b\x1f)"},
      {"\x7f", false, R"(\x7f)"},
      {"\x80\x9b\xff", false, R"(\x80\x9b\xff)"},  // not UTF-8; 0x9b is CSI
      {"\xc2\x9b"
       "2J",
       false, R"(\xc2\x9b2J)"},                         // CSI in UTF-8
      {"\xc2\xa0\xc3\xa9", false, "\xc2\xa0\xc3\xa9"},  // the first after C1; e acute
      {"\xe2\x80\xae"
       "cod",
       false, R"(\xe2\x80\xaecod)"},  // U+202E, right to left
      {"\xe2\x81\xa6\xe2\x81\xa9", false, R"(\xe2\x81\xa6\xe2\x81\xa9)"},
      {"\xe2\x80\xa8\xe2\x80\x8f\xd8\x9c", false, R"(\xe2\x80\xa8\xe2\x80\x8f\xd8\x9c)"},
      {"\xe2\x82\xac\xf0\x9f\x90\xa7", false, "\xe2\x82\xac\xf0\x9f\x90\xa7"},
      {R"(\x1b)", false, R"(\\x1b)"},  // no text can look like an escape
      {R"("q")", false, R"("q")"},
      {R"("q")", true, R"(\"q\")"},
      {"\xe2\x82", true, R"(\xe2\x82)"},  // cut
  };
  for (const Row& row : rows) {
    std::string out;
    append_for_terminal(row.text, row.in_quotes, out);
    EXPECT_EQ(out, row.shown);
  }
}

}  // namespace
}  // namespace kprobed::stream
