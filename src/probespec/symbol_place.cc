// SPDX-License-Identifier: Apache-2.0
#include "probespec/symbol_place.h"

#include <string_view>

#include "base/format.h"
#include "probespec/numbers.h"

namespace kprobed::probespec {
namespace {

bool in_symbol(char c) { return is_name_char(c) || c == '.' || c == '$'; }

Error stray(const Token& token, std::size_t at) {
  const char c = token.text()[at];
  std::string hint = "symbols are written as /proc/kallsyms shows them";
  if (c == ',' || c == ';') hint = "words are separated by blanks, specs by line ends";
  if (c == '*' || c == '?' || c == '[') hint = "this is one symbol; a pattern stands for functions";
  return blame(token.part(at, 1), ErrorCode::syntax, format("'{}' cannot stand in a symbol", c),
               std::move(hint));
}

}  // namespace

Result<SymbolPlace> parse_symbol_place(const Token& token) {
  const std::string_view text = token.text();
  std::size_t end = 0;
  while (end < text.size() && in_symbol(text[end])) ++end;
  const bool offset_follows = end < text.size() && (text[end] == '+' || text[end] == '-');
  if (end < text.size() && !offset_follows) return stray(token, end);
  if (end == 0) {
    return blame(token, ErrorCode::syntax, "the symbol is missing",
                 "name a function of the kernel, such as vfs_read");
  }
  if (is_digit(text[0])) {
    return blame(token.part(0, end), ErrorCode::syntax,
                 quoted(text.substr(0, end)) + " is not a symbol, it begins with a digit",
                 "symbols are written as /proc/kallsyms shows them");
  }

  SymbolPlace place{std::string(text.substr(0, end)), 0, token.part(0, end), std::nullopt};
  if (offset_follows) {
    place.offset_token = token.part(end);
    KPROBED_TRY(place.offset, read_signed_offset(*place.offset_token));
  }
  return place;
}

bool is_pattern(std::string_view text) { return text.find_first_of("*?[") != text.npos; }

Result<void> check_pattern(const Token& token) {
  const std::string_view text = token.text();
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '[') {
      // The first character stands for itself, ']' too: fnmatch(3).
      const std::size_t first = at + 1 + (at + 1 < text.size() && text[at + 1] == '!');
      const std::size_t close = text.find(']', first + 1);
      if (first >= text.size() || close == text.npos) {
        return blame(token.part(at), ErrorCode::syntax, "a '[' is not closed",
                     "one of several characters is written [abc] or [a-z]");
      }
      for (std::size_t i = first; i < close; ++i) {
        if (!in_symbol(text[i]) && text[i] != '-') return stray(token, i);
      }
      at = close;
    } else if (c == '+' || c == '-') {
      return blame(token.part(at), ErrorCode::wrong_place,
                   "a pattern stands for entries of functions, it takes no offset",
                   format("write {}", clipped(text.substr(0, at))));
    } else if (!in_symbol(c) && c != '*' && c != '?') {
      return stray(token, at);
    }
  }
  return {};
}

}  // namespace kprobed::probespec
