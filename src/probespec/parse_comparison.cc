// SPDX-License-Identifier: Apache-2.0
#include "probespec/parse_comparison.h"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "probespec/numbers.h"
#include "probespec/parse.h"
#include "probespec/parse_fetch.h"

namespace kprobed::probespec {
namespace {

using Op = Comparison::Op;

constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kForm = R"(write FIELD OP VALUE, such as dfd >= 0 or comm == "bash")";

/// Longest first: what `<` begins may be `<=`.
constexpr Op kOps[] = {Op::equal, Op::unequal, Op::at_most, Op::at_least,
                       Op::less,  Op::greater, Op::bits,    Op::like};

Token skip_blanks(const Token& text) {
  return text.part(std::min(text.text().find_first_not_of(kBlanks), text.size()));
}

/// Names, `->`, '.', and indices: what may stand in a field.
std::size_t field_length(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (is_name_char(c) || c == '$' || c == '.' || c == '[' || c == ']') {
      ++at;
    } else if (begins_with(text.substr(at), "->")) {
      at += 2;
    } else {
      break;
    }
  }
  return at;
}

Error no_field(const Token& text) {
  const Token word = text.part(0, text.text().find_first_of(" \t=<>!&|~()"));
  if (word.empty()) {
    const Token stray = text.part(0, text.empty() ? 0 : 1);
    return blame(stray, ErrorCode::syntax, "a comparison is missing here", std::string(kForm));
  }
  const char first = word.text()[0];
  if (first == '"' || first == '\'' || (first == '-' && word.size() > 1)) {
    return blame(word, ErrorCode::syntax, "the name stands before the value", std::string(kForm));
  }
  return blame(word, ErrorCode::syntax,
               format("{} has no name that could be compared", quoted(word.text())),
               "name the argument, such as x=+8(a1), and compare that: if x > 3");
}

Result<std::string> parse_field(const Token& token) {
  if (is_digit(token.text()[0])) {
    return blame(token, ErrorCode::syntax, "the name stands before the value", std::string(kForm));
  }
  KPROBED_TRY(const auto expr, parse_value(token));
  if (std::holds_alternative<AllArguments>(expr.base)) {
    return blame(token, ErrorCode::wrong_place, "several arguments cannot be compared at once",
                 "name one of them");
  }
  return print(expr);
}

Error no_op(const Token& text, const Token& field) {
  const std::string_view rest = text.text();
  const std::string name = clipped(field.text());
  if (begins_with(rest, "=~") || begins_with(rest, "!~")) {
    const bool like = rest[0] == '=';
    return blame(text.part(0, 2), ErrorCode::syntax, "no such operator",
                 like ? format("a pattern is matched by: {} ~ \"...\"", name)
                      : format("write !({} ~ \"...\")", name));
  }
  if (begins_with(rest, "=>") || begins_with(rest, "=<")) {
    return blame(text.part(0, 2), ErrorCode::syntax, "no such operator",
                 rest[1] == '>' ? "write >=" : "write <=");
  }
  if (begins_with(rest, "=")) {
    return blame(text.part(0, 1), ErrorCode::syntax, "values are compared by '=='", "write ==");
  }
  if (rest.empty() || begins_with(rest, ")") || begins_with(rest, "&&") ||
      begins_with(rest, "||")) {
    return blame(text.part(0, 0), ErrorCode::syntax,
                 format("{} is not compared with anything", quoted(field.text())),
                 format("write {} != 0", name));
  }
  const Token word = text.part(0, std::max<std::size_t>(1, rest.find_first_of(kBlanks)));
  return blame(word, ErrorCode::syntax, format("{} is not an operator", quoted(word.text())),
               "the operators are == != < <= > >= & (any of the bits) and ~ (a pattern)");
}

/// The operator at the front of `text`; "&&" is none.
Result<std::pair<Op, Token>> parse_op(const Token& text, const Token& field) {
  if (!begins_with(text.text(), "&&")) {
    for (const Op op : kOps) {
      if (begins_with(text.text(), word(op))) return std::pair(op, text.part(0, word(op).size()));
    }
  }
  return no_op(text, field);
}

/// "TEXT" or 'TEXT': nothing inside is special but the quote itself (kernel/trace/
/// trace_events_filter.c parse_pred).
Result<Token> parse_quoted(const Token& text) {
  const char quote = text.text()[0];
  const std::size_t close = text.text().find(quote, 1);
  if (close == std::string_view::npos) {
    return blame(text, ErrorCode::syntax, "the text is not closed",
                 format("end it with {}", quote));
  }
  const Token token = text.part(0, close + 1);
  if (close - 1 > kMaxQuotedBytes) {
    return blame(token, ErrorCode::too_long,
                 format("the text has {} bytes, the kernel takes {}", close - 1, kMaxQuotedBytes),
                 "compare with a shorter pattern: ~ \"...*\"");
  }
  return token;
}

Result<std::variant<std::int64_t, std::uint64_t, std::string>> parse_number_value(
    const Token& token) {
  using Value = std::variant<std::int64_t, std::uint64_t, std::string>;
  constexpr std::uint64_t kMaxPositive = std::numeric_limits<std::uint64_t>::max();
  constexpr std::uint64_t kMaxNegative = std::uint64_t{1} << 63;
  const bool negative = token.text()[0] == '-';
  auto number = read_number(token.part(negative ? 1 : 0), negative ? kMaxNegative : kMaxPositive);
  if (!number.ok()) return std::move(number).error().at(token.span());
  if (!negative || *number == 0) return Value(*number);
  // -2^63 has no positive counterpart to be negated.
  return Value(-static_cast<std::int64_t>(*number - 1) - 1);
}

/// Everything up to what ends a value, for one that stands in no quotes.
Token plain_value(const Token& text) {
  return text.part(0, std::min(text.text().find_first_of(" \t()&|!=<>~\"'"), text.size()));
}

Error bad_value(const Token& text, const Token& token) {
  if (token.empty()) {
    const bool something = !text.empty() && text.text()[0] != ')' &&
                           !begins_with(text.text(), "&&") && !begins_with(text.text(), "||");
    return blame(text.part(0, something ? 1 : 0), ErrorCode::syntax, "the value is missing",
                 "write one number, or text in quotes");
  }
  if (token.text()[0] == '+') {
    return blame(token, ErrorCode::bad_number, "a number takes no '+' here",
                 "write the digits alone");
  }
  return blame(token, ErrorCode::syntax, "text stands in quotes",
               format("write \"{}\"", clipped(token.text())));
}

bool is_text_field(std::string_view field) {
  return field == "comm" || field == "COMM" || field == "$comm";
}

/// What kernel/trace/trace_events_filter.c takes: text is equal, unequal or like; numbers are not
/// like anything.
Result<void> check_op(const Comparison& comparison, const Token& op, const Token& value) {
  const bool text = std::holds_alternative<std::string>(comparison.value);
  if (text && !comparison.quoted && is_text_field(comparison.field)) {
    return blame(value, ErrorCode::syntax, "text stands in quotes",
                 format("write \"{}\"", clipped(value.text())));
  }
  if (comparison.op == Op::like && !comparison.quoted) {
    return blame(value, ErrorCode::wrong_place, "a pattern stands in quotes",
                 format("write {} ~ \"{}\"", clipped(comparison.field), clipped(value.text())));
  }
  const bool ordered =
      comparison.op != Op::equal && comparison.op != Op::unequal && comparison.op != Op::like;
  if (comparison.quoted && ordered) {
    return blame(op, ErrorCode::wrong_place, "text has no order and no bits",
                 "it is compared by ==, != and ~ (a pattern)");
  }
  return {};
}

}  // namespace

Result<ParsedComparison> parse_comparison(const Token& text) {
  Comparison comparison;
  const Token field = text.part(0, field_length(text.text()));
  if (field.empty()) return no_field(text);
  KPROBED_TRY(comparison.field, parse_field(field));
  comparison.field_span = field.span();

  KPROBED_TRY(const auto op, parse_op(skip_blanks(text.part(field.size())), field));
  comparison.op = op.first;
  comparison.op_span = op.second.span();

  const std::size_t behind_op = op.second.span().end - text.span().begin;
  const Token rest = skip_blanks(text.part(behind_op));
  Token value = rest;
  if (begins_with(rest.text(), "\"") || begins_with(rest.text(), "'")) {
    KPROBED_TRY(value, parse_quoted(rest));
    comparison.value = std::string(value.text().substr(1, value.size() - 2));
    comparison.quoted = true;
  } else {
    value = plain_value(rest);
    const std::string_view plain = value.text();
    if (!plain.empty() && (is_digit(plain[0]) || plain[0] == '-')) {
      KPROBED_TRY(comparison.value, parse_number_value(value));
    } else if (is_identifier(plain)) {
      comparison.value = std::string(plain);
    } else {
      return bad_value(rest, value);
    }
  }
  comparison.value_span = value.span();
  KPROBED_TRY_VOID(check_op(comparison, op.second, value));
  return ParsedComparison{std::move(comparison), value.span().end - text.span().begin};
}

}  // namespace kprobed::probespec
