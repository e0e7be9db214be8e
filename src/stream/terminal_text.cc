// SPDX-License-Identifier: Apache-2.0
#include "stream/terminal_text.h"

#include <algorithm>

#include "base/text.h"
#include "stream/append.h"

namespace kprobed::stream {
namespace {

/// Of a valid UTF-8 sequence.
char32_t code_point(std::string_view sequence) {
  const auto lead = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return lead;
  char32_t value = lead & (0x7fu >> sequence.size());
  for (const char c : sequence.substr(1))
    value = value << 6 | (static_cast<unsigned char>(c) & 0x3f);
  return value;
}

bool acts_on_a_terminal(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) ||      // C0, DEL, C1
         c == 0x61c || c == 0x200e || c == 0x200f ||  // marks of direction
         (c >= 0x2028 && c <= 0x202e) ||              // separators, embeddings and overrides
         (c >= 0x2066 && c <= 0x2069);                // isolates
}

}  // namespace

void append_for_terminal(std::string_view text, bool in_quotes, std::string& out) {
  while (!text.empty()) {
    const std::size_t valid = utf8_sequence(text);
    const std::string_view piece = text.substr(0, std::max<std::size_t>(valid, 1));
    if (valid == 0 || acts_on_a_terminal(code_point(piece))) {
      for (const char byte : piece) {
        out += "\\x";
        append_byte(byte, out);
      }
    } else {
      if (piece == "\\" || (in_quotes && piece == "\"")) out += '\\';
      out += piece;
    }
    text.remove_prefix(piece.size());
  }
}

}  // namespace kprobed::stream
