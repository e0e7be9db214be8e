// SPDX-License-Identifier: Apache-2.0
//
// Digits are those of std::to_chars; plain text is what the plain encoder leaves as
// it is.
#include "stream/digits.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "stream/append.h"
#include "stream/json_copy.h"
#include "stream/json_parts.h"

namespace kprobed::stream {
namespace {

template <typename T>
std::string put(char* (*function)(T, char*), T value) {
  char text[kNumberRoom + 1] = {};
  return {text, function(value, text)};
}

/// Every power of two and of ten with its neighbours, and random ones of all lengths.
std::vector<std::uint64_t> numbers() {
  std::vector<std::uint64_t> all{0};
  std::uint64_t ten = 1;
  for (int i = 0; i < 20; ++i, ten *= 10) all.insert(all.end(), {ten - 1, ten, ten + 1});
  std::mt19937_64 random(2009);
  for (int bit = 0; bit < 64; ++bit) {
    const std::uint64_t two = std::uint64_t{1} << bit;
    all.insert(all.end(), {two - 1, two, two + 1});
    for (int i = 0; i < 200; ++i) all.push_back(random() >> bit);
  }
  return all;
}

TEST(DigitsTest, AreThoseOfToChars) {
  for (const std::uint64_t value : numbers()) {
    std::string decimal, negative, hex;
    append_number(value, decimal);
    append_number(static_cast<std::int64_t>(value), negative);
    append_hex(value, hex);
    ASSERT_EQ(put(put_unsigned, value), decimal);
    ASSERT_EQ(put(put_signed, static_cast<std::int64_t>(value)), negative);
    ASSERT_EQ("0x" + put(put_hex, value), hex);
  }
}

TEST(DigitsTest, HexIsTheSameOnEveryMachine) {
  for (const std::uint64_t value : numbers()) {
    char here[16], portable[16];
    digits::put_hex_16(value, here);
    digits::put_hex_16_portable(value, portable);
    ASSERT_EQ(std::string_view(here, 16), std::string_view(portable, 16)) << value;
  }
}

TEST(DigitsTest, TextIsPlainOrEscapedAsThePlainEncoderDoes) {
  std::mt19937 random(1);
  std::size_t plain = 0, escaped = 0;
  for (int i = 0; i < 50'000; ++i) {
    // In its own allocation, so that a sanitizer sees who reads or writes beyond it.
    const std::vector<char> bytes = [&] {
      std::vector<char> out(random() % 40);
      for (char& c : out) c = static_cast<char>('a' + random() % 26);
      if (!out.empty() && random() % 2 == 0)
        out[random() % out.size()] = static_cast<char>(random());
      return out;
    }();
    const std::string_view text(bytes.data(), bytes.size());
    std::string expected;
    const bool valid = append_json_text(text, expected);

    std::vector<char> exact(text.size());
    exact.reserve(1);  // data() of an empty one is null, which means something else here
    if (const char* end = put_if_plain(text, exact.data())) {
      ASSERT_EQ(end, exact.data() + exact.size());
      ASSERT_EQ(std::string_view(exact.data(), exact.size()), expected);
      ASSERT_EQ(expected, text);
      ++plain;
    } else {
      ASSERT_NE(expected, text) << "plain, and was not taken for it";
      ++escaped;
    }
    std::vector<char> room(text.size() * kEscapedBytes + 8);
    bool fast_valid = true;
    const char* end = put_escaped(text, room.data(), fast_valid);
    ASSERT_EQ(std::string_view(room.data(), static_cast<std::size_t>(end - room.data())), expected);
    ASSERT_EQ(fast_valid, valid);
  }
  EXPECT_GT(plain, 20'000u);
  EXPECT_GT(escaped, 10'000u);
}

}  // namespace
}  // namespace kprobed::stream
