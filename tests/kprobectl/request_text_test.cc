// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/request_text.h"

#include <gmock/gmock.h>

namespace kprobed::kprobectl {
namespace {

Sources sources(const std::vector<std::string>& texts) {
  Sources all;
  for (const std::string& text : texts) {
    all.push_back(std::make_shared<Source>(
        Source{.name = "source " + std::to_string(all.size() + 1), .text = text}));
  }
  return all;
}

TEST(RequestText, LinesLeadBackToTheirSource) {
  const struct {
    std::vector<std::string> texts;
    const char* joined;
    std::uint32_t line;   ///< in joined
    const char* name;     ///< nullptr: nowhere
    std::uint32_t there;  ///< line in the source
  } rows[] = {
      {{"p a"}, "p a\n", 1, "source 1", 1},
      {{"p a", "p b"}, "p a\np b\n", 2, "source 2", 1},
      {{"p a\n", "p b\n"}, "p a\np b\n", 2, "source 2", 1},
      {{"p a\np b", "p c"}, "p a\np b\np c\n", 2, "source 1", 2},
      {{"p a\np b", "p c"}, "p a\np b\np c\n", 3, "source 2", 1},
      {{"", "p a"}, "p a\n", 1, "source 2", 1},
      {{"\n\n", "p a"}, "\n\np a\n", 3, "source 2", 1},
      {{"# x\n\np a\n", "p b"}, "# x\n\np a\np b\n", 3, "source 1", 3},
      {{"p a"}, "p a\n", 0, nullptr, 0},
      {{"p a"}, "p a\n", 2, nullptr, 0},
      {{}, "", 1, nullptr, 0},
  };
  for (const auto& row : rows) {
    const RequestText text(sources(row.texts));
    EXPECT_EQ(text.joined()->text, row.joined);
    const Span place = text.place(row.line, 2, 3);
    ASSERT_EQ(place.known(), row.name != nullptr) << row.joined << row.line;
    if (row.name == nullptr) continue;
    EXPECT_EQ(place.source->name, row.name) << row.joined << row.line;
    EXPECT_EQ(place.line, row.there) << row.joined << row.line;
    EXPECT_EQ(place.begin, 2u);
    EXPECT_EQ(place.end, 3u);
  }
}

TEST(RequestText, ErrorsPointIntoTheUsersText) {
  const RequestText text(sources({"p a", "  p nosuch a1"}));
  const Error error =
      text.back(Error(ErrorCode::symbol_not_found, "none").at({text.joined(), 2, 4, 10}));
  EXPECT_EQ(render(error),
            "source 2:1:5: none\n"
            "    p nosuch a1\n"
            "      ^~~~~~\n");
}

TEST(RequestText, OtherErrorsStayAsTheyAre) {
  const RequestText text(sources({"p a"}));
  const Span elsewhere{std::make_shared<Source>(Source{.name = "x", .text = "y"}), 1, 0, 1};
  EXPECT_EQ(text.back(Error(ErrorCode::io, "none").at(elsewhere)).span, elsewhere);
  EXPECT_FALSE(text.back(Error(ErrorCode::io, "none")).span.known());
}

}  // namespace
}  // namespace kprobed::kprobectl
