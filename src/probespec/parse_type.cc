// SPDX-License-Identifier: Apache-2.0
#include "probespec/parse_type.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/format.h"
#include "probespec/numbers.h"
#include "probespec/suggest.h"

namespace kprobed::probespec {
namespace {

constexpr std::string_view kTypes =
    "u8 u16 u32 u64, s8 ... s64, x8 ... x64, int uint long ulong short ushort char bool ptr, "
    "string ustring, symbol symstr, %pd %pD";

constexpr std::string_view kBitsForm = "bits are written bWIDTH@OFFSET/CONTAINER, such as b4@0/32";

Result<FetchType> parse_word(const Token& token) {
  const std::string_view text = token.text();
  for (const BaseType type : kBaseTypes) {
    if (text == word(type)) return FetchType{type, {}, 0, 0, {}};
  }
  std::string hint = format("the types are {}", kTypes);
  if (const auto meant = suggest_type(text); !meant.empty()) {
    hint = format("did you mean '{}'? {}", meant, hint);
  }
  return blame(token, ErrorCode::unknown_type, "unknown type " + quoted(text), std::move(hint));
}

/// bWIDTH@OFFSET/CONTAINER; `bool` is none.
bool is_bitfield(std::string_view text) {
  return text.size() > 1 && text[0] == 'b' &&
         (is_digit(text[1]) || text.find('@') != std::string_view::npos);
}

Error bad_bits(const Token& token, ErrorCode code, std::string message) {
  return blame(token, code, std::move(message), std::string(kBitsForm));
}

/// kernel/trace/trace_probe.c __parse_bitfield_probe_arg, find_fetch_type
Result<FetchType> parse_bits(const Token& token) {
  const std::string_view text = token.text();
  const std::size_t at = std::min(text.find('@'), text.size());
  const std::size_t slash = std::min(text.find('/', at), text.size());
  if (slash == text.size()) {
    return bad_bits(token, ErrorCode::syntax, quoted(text) + " is not a bit field");
  }
  constexpr std::uint64_t kMostBits = 64;
  KPROBED_TRY(const auto width, read_number(token.part(1, at - 1), kMostBits));
  KPROBED_TRY(const auto offset, read_number(token.part(at + 1, slash - at - 1), kMostBits));
  KPROBED_TRY(const auto container, read_number(token.part(slash + 1), kMostBits));
  if (container != 8 && container != 16 && container != 32 && container != 64) {
    return bad_bits(token.part(slash + 1), ErrorCode::bad_number,
                    "bits lie in a number of 8, 16, 32 or 64 bits");
  }
  if (width == 0) return bad_bits(token, ErrorCode::bad_number, "no bits at all are asked for");
  if (width + offset > container) {
    return bad_bits(token, ErrorCode::bad_number,
                    format("{} bits from bit {} on do not fit into {}", width, offset, container));
  }
  FetchType type;
  type.bits = BitField{static_cast<unsigned>(width), static_cast<unsigned>(offset),
                       static_cast<unsigned>(container)};
  return type;
}

/// The N of "[N]" or "{N}", which `bracketed` is, from 1 to `max`.
Result<unsigned> parse_count(const Token& bracketed, char close, unsigned max) {
  const std::string_view text = bracketed.text();
  const std::size_t end = text.find(close);
  if (end == text.npos) {
    return blame(bracketed.after(), ErrorCode::syntax, format("a '{}' is missing", close),
                 format("write {}N{}, with N from 1 to {}", text.substr(0, 1), close, max));
  }
  if (end + 1 != text.size()) {
    const Token stray = bracketed.part(end + 1);
    return blame(stray, ErrorCode::syntax,
                 format("unexpected {} behind '{}'", quoted(stray.text()), close),
                 "a type ends here");
  }
  const Token number = bracketed.part(1, end - 1);
  KPROBED_TRY(const auto count, read_number(number, max));
  if (count == 0) {
    return blame(number, ErrorCode::bad_number, "at least one is fetched",
                 format("write {}N{}, with N from 1 to {}", text.substr(0, 1), close, max));
  }
  return static_cast<unsigned>(count);
}

Result<void> parse_bound(const Token& braces, FetchType& type) {
  if (type.bits || !is_text(type.base)) {
    return blame(braces, ErrorCode::wrong_place, "only string and ustring are bounded by {N}",
                 "an array is written [N]");
  }
  const std::size_t close = braces.text().find('}');
  if (close != std::string_view::npos && braces.text().find('[', close) == close + 1) {
    return blame(braces.part(close + 1), ErrorCode::wrong_place,
                 "bounded texts cannot be in an array",
                 "write string{N} for one text, or string[N] for an array of them");
  }
  KPROBED_TRY(type.text_bytes, parse_count(braces, '}', kMaxBoundedText));
  return {};
}

Result<void> parse_array(const Token& brackets, FetchType& type) {
  if (!type.bits && (type.base == BaseType::dentry_name || type.base == BaseType::file_name)) {
    return blame(brackets, ErrorCode::wrong_place,
                 format("'{}' is one name, it cannot be an array", word(type.base)),
                 format("write :{}", word(type.base)));
  }
  KPROBED_TRY(type.count, parse_count(brackets, ']', kMaxArrayLength));
  return {};
}

}  // namespace

Result<FetchType> parse_type(const Token& colon_on) {
  const Token token = colon_on.part(1);
  const std::string_view text = token.text();
  if (text.empty()) {
    return blame(colon_on, ErrorCode::syntax, "the type is missing after ':'",
                 format("one of {}, or leave out the ':'", kTypes));
  }
  const std::size_t end = std::min(text.find_first_of("[{"), text.size());
  const Token name = token.part(0, end);
  FetchType type;
  if (is_bitfield(name.text())) {
    KPROBED_TRY(type, parse_bits(name));
  } else {
    KPROBED_TRY(type, parse_word(name));
  }
  const Token behind = token.part(end);
  if (begins_with(behind.text(), "{")) KPROBED_TRY_VOID(parse_bound(behind, type));
  if (begins_with(behind.text(), "[")) KPROBED_TRY_VOID(parse_array(behind, type));
  type.span = token.span();
  return type;
}

}  // namespace kprobed::probespec
