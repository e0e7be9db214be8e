// SPDX-License-Identifier: Apache-2.0
#include "probespec/symbol_place.h"

#include <string_view>

#include "base/format.h"
#include "probespec/numbers.h"

namespace kprobed::probespec {
namespace {

bool in_symbol(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '.' ||
         c == '$';
}

Error stray(const Token& token, std::size_t at) {
  const char c = token.text()[at];
  std::string hint = "symbols are written as /proc/kallsyms shows them";
  if (c == ',' || c == ';') hint = "words are separated by blanks, specs by line ends";
  if (c == '*' || c == '?') hint = "one spec probes one function; patterns are not taken";
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

}  // namespace kprobed::probespec
