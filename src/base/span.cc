// SPDX-License-Identifier: Apache-2.0
#include "base/span.h"

#include <algorithm>
#include <string_view>

namespace kprobed {

std::string_view line_text(const Span& span) {
  if (!span.known()) return {};
  std::string_view rest = span.source->text;
  for (std::uint32_t line = 1; line < span.line; ++line) {
    const std::size_t newline = rest.find('\n');
    if (newline == std::string_view::npos) return {};
    rest.remove_prefix(newline + 1);
  }
  return rest.substr(0, rest.find('\n'));
}

Span cover(const Span& first, const Span& last) {
  Span both = first;
  both.begin = std::min(first.begin, last.begin);
  both.end = std::max(first.end, last.end);
  return both;
}

}  // namespace kprobed
