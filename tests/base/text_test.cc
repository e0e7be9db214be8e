// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <gtest/gtest.h>

namespace kprobed {
namespace {

TEST(ParseNumber, ReadsWhatTheKernelReads) {
  struct Row {
    const char* text;
    std::optional<std::uint64_t> value;
  };
  const Row rows[] = {
      {"0", 0},
      {"10", 10},
      {"010", 8},
      {"0x10", 16},
      {"0XfF", 255},
      {"18446744073709551615", UINT64_MAX},
      {"0xffffffffffffffff", UINT64_MAX},
      {"18446744073709551616", std::nullopt},
      {"", std::nullopt},
      {"0x", std::nullopt},
      {"08", std::nullopt},
      {"-1", std::nullopt},
      {"+1", std::nullopt},
      {" 1", std::nullopt},
      {"1 ", std::nullopt},
      {"1k", std::nullopt},
      {"0x-1", std::nullopt},
  };
  for (const Row& row : rows) EXPECT_EQ(parse_number(row.text), row.value) << row.text;
}

TEST(EditDistance, CountsChangesUpToTheLimit) {
  struct Row {
    const char *a, *b;
    std::size_t limit, distance;
  };
  const Row rows[] = {
      {"", "", 3, 0},
      {"abc", "abc", 3, 0},
      {"abc", "abd", 3, 1},
      {"abc", "acb", 3, 1},
      {"abc", "ab", 3, 1},
      {"", "abc", 3, 3},
      {"kitten", "sitting", 3, 3},
      {"kitten", "sitting", 2, 3},
      {"abc", "xyz", 1, 2},
      {"do_sys_opn", "do_sys_open", 2, 1},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(edit_distance(row.a, row.b, row.limit), row.distance) << row.a << " " << row.b;
    EXPECT_EQ(edit_distance(row.b, row.a, row.limit), row.distance) << row.b << " " << row.a;
  }
}

TEST(Utf8, AcceptsExactlyWhatTheStandardDoes) {
  struct Row {
    const char* text;
    std::size_t length;
  };
  const Row rows[] = {
      {"a", 1},
      {"\xc3\xa4", 2},
      {"\xe2\x82\xac", 3},
      {"\xf0\x9f\x90\xa7", 4},
      {"\x80", 0},              // a continuation without its lead
      {"\xc0\xaf", 0},          // overlong '/'
      {"\xe0\x80\xaf", 0},      // overlong
      {"\xed\xa0\x80", 0},      // surrogate
      {"\xf4\x90\x80\x80", 0},  // above U+10FFFF
      {"\xff", 0},
      {"\xe2\x82", 0},  // cut
      {"\xe2\x28\xa1", 0},
  };
  for (const Row& row : rows) EXPECT_EQ(utf8_sequence(row.text), row.length) << row.text;
  EXPECT_EQ(to_valid_utf8("a\xff\xc3\xa4\xe2\x82"),
            "a\xef\xbf\xbd\xc3\xa4\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(Words, AreSplitAtBlanks) {
  EXPECT_EQ(split_words("  a\tb  c "), (std::vector<std::string_view>{"a", "b", "c"}));
  EXPECT_TRUE(split_words(" \t").empty());
  EXPECT_EQ(split_lines("a\n\nb\n"), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(split_lines("a"), (std::vector<std::string_view>{"a"}));
  EXPECT_TRUE(split_lines("").empty());
  EXPECT_EQ(trim(" \n a b \t"), "a b");
}

TEST(Identifiers, AreTheKernels) {
  for (const char* good : {"a", "_", "a1", "A_b9"}) EXPECT_TRUE(is_identifier(good)) << good;
  for (const char* bad : {"", "1a", "a-b", "a.b", "a b", "\xc3\xa4"}) {
    EXPECT_FALSE(is_identifier(bad)) << bad;
  }
}

TEST(Thousands, AreSeparated) {
  EXPECT_EQ(with_thousands(0), "0");
  EXPECT_EQ(with_thousands(999), "999");
  EXPECT_EQ(with_thousands(1000), "1,000");
  EXPECT_EQ(with_thousands(1234567), "1,234,567");
}

}  // namespace
}  // namespace kprobed
