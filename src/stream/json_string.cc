// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "stream/append.h"
#include "stream/json_lines.h"
#include "stream/json_parts.h"

namespace kprobed::stream {
namespace {

/// May stand in a JSON string as it is (RFC 8259, 7).
bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

void append_escaped(char c, std::string& out) {
  constexpr std::string_view kShort = "\"\\\b\f\n\r\t", kLetter = "\"\\bfnrt";
  if (const std::size_t at = kShort.find(c); at != std::string_view::npos) {
    out += '\\';
    out += kLetter[at];
  } else {
    out += "\\u00";
    append_byte(c, out);
  }
}

}  // namespace

bool append_json_text(std::string_view text, std::string& out) {
  bool valid = true;
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain < text.size() && is_plain(text[plain])) ++plain;
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;

    const std::size_t length = utf8_sequence(text);
    if (length > 1) {
      out += text.substr(0, length);
    } else if (length == 1) {
      append_escaped(text[0], out);
    } else {
      out += kReplacement;
      valid = false;
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return valid;
}

bool append_json_string(std::string_view text, std::string& out) {
  out += '"';
  const bool valid = append_json_text(text, out);
  out += '"';
  return valid;
}

}  // namespace kprobed::stream
