// SPDX-License-Identifier: Apache-2.0
#include "probespec/numbers.h"

#include <limits>
#include <string_view>

#include "base/format.h"
#include "base/text.h"

namespace kprobed::probespec {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdefABCDEF";

bool only(std::string_view text, std::string_view allowed) {
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

/// Has the form of a number, whatever its size.
bool is_numeral(std::string_view text) {
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
    return only(text.substr(2), kHexDigits);
  }
  if (text.size() > 1 && text[0] == '0') return only(text, "01234567");
  return all_digits(text);
}

Error not_a_number(const Token& token) {
  const std::string_view text = token.text();
  if (text.empty()) {
    return blame(token, ErrorCode::bad_number, "a number is missing", "such as 8 or 0x8");
  }
  std::string hint = "numbers are decimal, 0x... hexadecimal, or octal with a leading 0";
  if (all_digits(text)) {
    hint = "a leading 0 makes a number octal";
  } else if (only(text, kHexDigits)) {
    hint = format("hexadecimal is written 0x{}", text);
  }
  return blame(token, ErrorCode::bad_number, quoted(text) + " is not a number", std::move(hint));
}

Error too_big(const Token& token, std::uint64_t max) {
  constexpr std::uint64_t kReadable = 10'000;  // as a decimal number
  return blame(token, ErrorCode::bad_number, quoted(token.text()) + " is out of range",
               "the largest possible value is " + (max < kReadable ? format("{}", max) : hex(max)));
}

}  // namespace

Result<std::uint64_t> read_number(const Token& token, std::uint64_t max) {
  if (!is_numeral(token.text())) return not_a_number(token);
  const auto value = parse_number(token.text());
  if (!value || *value > max) return too_big(token, max);
  return *value;
}

Result<unsigned> read_index(const Token& token) {
  constexpr unsigned kMax = std::numeric_limits<unsigned>::max();
  if (!all_digits(token.text())) {
    return blame(token, ErrorCode::bad_number, quoted(token.text()) + " is not a decimal number",
                 "count in decimal digits: 1, 2, 3");
  }
  std::uint64_t value = 0;
  for (const char digit : token.text()) {
    value = value * 10 + static_cast<std::uint64_t>(digit - '0');
    if (value > kMax) return too_big(token, kMax);
  }
  return static_cast<unsigned>(value);
}

Result<std::int64_t> read_signed_offset(const Token& token) {
  // kernel/trace/trace_kprobe.c takes offsets up to UINT_MAX.
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint32_t>::max();
  KPROBED_TRY(const auto magnitude, read_number(token.part(1), kMax));
  const auto offset = static_cast<std::int64_t>(magnitude);
  return token.text()[0] == '-' ? -offset : offset;
}

}  // namespace kprobed::probespec
