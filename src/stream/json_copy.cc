// SPDX-License-Identifier: Apache-2.0
#include "stream/json_copy.h"

#include <array>

#include "base/text.h"

namespace kprobed::stream {
namespace {

/// What stands for one byte below 0x80.
struct Escape {
  char text[7] = {};
  std::uint8_t length = 0;
};

constexpr auto kEscapes = [] {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr std::string_view kShort = "\"\\\b\f\n\r\t", kLetter = "\"\\bfnrt";
  std::array<Escape, 0x80> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    Escape& escape = table[i];
    const auto letter = static_cast<char>(i);
    if (const std::size_t at = kShort.find(letter); at != kShort.npos) {
      escape = {{'\\', kLetter[at]}, 2};
    } else if (i < 0x20) {
      escape = {{'\\', 'u', '0', '0', kDigits[i >> 4], kDigits[i & 15]}, 6};
    } else {
      escape = {{letter}, 1};
    }
  }
  return table;
}();

}  // namespace

char* put_escaped(std::string_view text, char* at, bool& valid) {
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text[0]);
    std::size_t length = 1;
    if (byte < 0x80) {
      const Escape& escape = kEscapes[byte];
      std::memcpy(at, escape.text, sizeof escape.text);
      at += escape.length;
    } else if (length = utf8_sequence(text); length != 0) {
      std::memcpy(at, text.data(), length);
      at += length;
    } else {
      std::memcpy(at, kReplacement.data(), kReplacement.size());
      at += kReplacement.size();
      valid = false;
      length = 1;
    }
    text.remove_prefix(length);
  }
  return at;
}

}  // namespace kprobed::stream
