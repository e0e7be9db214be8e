// SPDX-License-Identifier: Apache-2.0
//
// Fills any message of fields.h with random values: a third visitor beside FieldReader and
// FieldWriter, so that a new field is in the round trips without being named here.
#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "wire/fields.h"

namespace kprobed::wire::test {

class RandomFields {
 public:
  explicit RandomFields(std::mt19937_64& random) : random_(random) {}

  template <typename T, typename... R>
  void required(std::string_view, T& out, R... range) {
    fill(out, range...);
  }
  template <typename T, typename... R>
  void field(std::string_view, T& out, R... range) {
    fill(out, range...);
  }
  template <typename T, typename... R>
  void sparse(std::string_view, T& out, R... range) {
    if (below(3) != 0) fill(out, range...);
  }
  void flag(std::string_view, bool& out, bool /*usual*/) { fill(out); }
  void position(std::uint32_t& line, std::uint32_t& begin, std::uint32_t& end) {
    if (below(2) == 0) return;
    line = 1 + static_cast<std::uint32_t>(below(UINT32_MAX));
    fill(begin);
    fill(end);
  }

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

 private:
  // Never empty, never NUL; everything that JSON must escape, and all lengths of UTF-8.
  void fill(std::string& out) {
    constexpr std::string_view kPieces[] = {
        "a", "Z9", "\"",       "\\",           "\n",
        "/", "{}", "\x01",     "\x7f",         "\t",
        " ", "*?", "\xc3\xbc", "\xe2\x82\xac", "\xf0\x9f\x90\xa7"};
    out.clear();
    for (std::uint64_t n = 1 + below(8); n > 0; --n) out += kPieces[below(std::size(kPieces))];
  }
  void fill(bool& out) { out = below(2) != 0; }
  void fill(double& out) {
    out = std::ldexp(static_cast<double>(random_()), -static_cast<int>(below(99)));
  }
  // The ends of the range more often than chance would have them.
  template <std::integral T>
  void fill(T& out) {
    constexpr T kEnds[] = {0, 1, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
    out = below(2) == 0 ? kEnds[below(4)] : static_cast<T>(random_() >> below(64));
  }
  template <std::integral T>
  void fill(T& out, Range range) {
    const std::uint64_t ends[] = {range.least, range.most, range.least + below(range.most)};
    out = static_cast<T>(ends[below(3)]);
  }
  template <typename T, typename... R>
  void fill(std::optional<T>& out, R... range) {
    out.reset();
    if (below(2) != 0) fill(out.emplace(), range...);
  }
  template <typename T, typename... R>
  void fill(std::vector<T>& out, R... range) {
    out.clear();
    for (std::uint64_t n = below(4); n > 0; --n) fill(out.emplace_back(), range...);
  }
  template <typename T>
  requires std::is_class_v<T>
  void fill(T& out) { describe(*this, out); }

  std::mt19937_64& random_;
};

template <typename T>
T random_message(std::mt19937_64& random) {
  T message;
  RandomFields fields(random);
  describe(fields, message);
  return message;
}

}  // namespace kprobed::wire::test
