// SPDX-License-Identifier: Apache-2.0
#include "probespec/parse_fetch.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "probespec/numbers.h"
#include "probespec/parse_fields.h"
#include "probespec/parse_word.h"

namespace kprobed::probespec {
namespace {

bool at_sign(std::string_view text) { return !text.empty() && (text[0] == '+' || text[0] == '-'); }

/// What stands before '(': the sign, 'u' and number.
Result<Deref> parse_deref(const Token& head) {
  Deref deref;
  deref.span = head.span();
  const std::string_view text = head.text();
  deref.user = text.size() > 1 && text[1] == 'u';
  const Token number = head.part(deref.user ? 2 : 1);
  if (number.empty()) {
    return blame(head, ErrorCode::bad_number, "the offset is missing before '('",
                 format("write {}0(...)", text));
  }
  if (number.text().back() == 'u') {
    return blame(head, ErrorCode::bad_number, "'u' stands before the offset",
                 format("write {}u{}(...)", text[0], number.text().substr(0, number.size() - 1)));
  }
  // The kernel keeps the offset in an int (kernel/trace/trace_probe.h struct fetch_insn) and cuts
  // off silently what does not fit: tried on 6.18, it accepts +0x100000000(%di).
  const bool negative = text[0] == '-';
  const std::uint64_t max = std::uint64_t{std::numeric_limits<std::int32_t>::max()} + negative;
  KPROBED_TRY(const auto magnitude, read_number(number, max));
  deref.offset = static_cast<std::int64_t>(magnitude);
  if (negative) deref.offset = -deref.offset;
  return deref;
}

/// "8(%di)", "u8(%di)", "(%di)": what is wrong with a parenthesis behind a word.
Error stray_open(const Token& word, const Token& open) {
  const std::string_view text = word.text();
  if (text.empty()) {
    return blame(open, ErrorCode::syntax, "a parenthesis needs an offset before it",
                 "to read memory at a value write +0(...)");
  }
  const bool user = text[0] == 'u';
  if (parse_number(text.substr(user ? 1 : 0))) {
    return blame(word, ErrorCode::syntax, "an offset needs its sign",
                 format("write +{}(...)", text));
  }
  return blame(open, ErrorCode::syntax, "unexpected '(' after " + quoted(text),
               "to read memory at a value write +OFFSET(FETCH)");
}

Error no_parenthesis(const Token& token, std::size_t at) {
  const Token head = token.part(at);
  return blame(head, ErrorCode::syntax, "a dereference needs parentheses around what it follows",
               "write +OFFSET(FETCH), without blanks, such as +8(a1)");
}

/// Looks at what stands where a ')' belongs.
Error unclosed(const Token& rest) {
  if (!rest.empty() && rest.text()[0] == ':') {
    if (rest.text().find(')') != std::string_view::npos) {
      return blame(rest, ErrorCode::syntax, "the type stands inside the parentheses",
                   "write it behind the last one: +8(a1):u32");
    }
  }
  return blame(rest.part(0, 0), ErrorCode::syntax, "a ')' is missing",
               "every '(' of a dereference is closed: +8(a1)");
}

Error stray_text(const Token& rest) {
  if (rest.text()[0] == ')') {
    return blame(rest.part(0, 1), ErrorCode::syntax, "a ')' without its '('", "leave it out");
  }
  const Token stray = rest.part(0, rest.text().find(':'));
  if (at_field(stray.text())) {
    return blame(stray, ErrorCode::wrong_place,
                 "the type of what lies behind an offset is not known",
                 "fields stand inside the parentheses, behind a name: +8(a->b)");
  }
  return blame(stray, ErrorCode::syntax, format("unexpected {} after ')'", quoted(stray.text())),
               "a fetch ends here; only ':TYPE' may follow");
}

/// How much of `text` is the innermost word with its fields.
std::size_t value_length(std::string_view text, bool dereferenced) {
  // A text may hold parentheses; only ':' ends it (kernel/trace/trace_probe.c cuts there first).
  if (begins_with(text, "\\\"") && !dereferenced) return std::min(text.find(':'), text.size());
  return std::min(text.find_first_of("():"), text.size());
}

bool has_fields(const FetchBase& base) {
  return std::holds_alternative<Named>(base) || std::holds_alternative<Argument>(base) ||
         std::holds_alternative<ReturnValue>(base);
}

struct Value {
  FetchBase base;
  std::vector<FieldStep> fields;
  Token word;
};

Result<Value> parse_word_with_fields(const Token& token) {
  const std::size_t name = name_length(token.text());
  const Token rest = token.part(name);
  // Only behind a name: '.' and '[' may stand in other words.
  const bool fields = name > 0 && at_field(rest.text());
  Token word = fields ? token.part(0, name) : token;
  KPROBED_TRY(auto base, parse_word(word));
  if (!fields) return Value{std::move(base), {}, word};
  KPROBED_TRY(auto steps, parse_fields(rest));
  if (!has_fields(base)) {
    return blame(rest, ErrorCode::wrong_place, format("the type of '{}' is not known", word.text()),
                 "fields stand behind a parameter's name, a1, $arg1, rv and $retval");
  }
  return Value{std::move(base), std::move(steps), word};
}

}  // namespace

Result<FetchExpr> parse_value(const Token& token) {
  KPROBED_TRY(auto value, parse_word_with_fields(token));
  FetchExpr expr;
  expr.base = std::move(value.base);
  expr.fields = std::move(value.fields);
  expr.span = token.span();
  expr.base_span = value.word.span();
  return expr;
}

Result<ParsedFetch> parse_fetch(const Token& token) {
  const std::string_view text = token.text();
  FetchExpr expr;
  std::size_t at = 0;
  while (at_sign(text.substr(at))) {
    const std::size_t open = text.find('(', at);
    if (open == std::string_view::npos) return no_parenthesis(token, at);
    KPROBED_TRY(auto deref, parse_deref(token.part(at, open - at)));
    expr.derefs.push_back(std::move(deref));
    at = open + 1;
  }
  // Written outermost first, applied innermost first.
  std::reverse(expr.derefs.begin(), expr.derefs.end());

  const std::size_t word_end = at + value_length(text.substr(at), at > 0);
  if (word_end < text.size() && text[word_end] == '(') {
    return stray_open(token.part(at, word_end - at), token.part(word_end, 1));
  }
  KPROBED_TRY(auto value, parse_word_with_fields(token.part(at, word_end - at)));
  expr.base = std::move(value.base);
  expr.fields = std::move(value.fields);
  expr.base_span = value.word.span();

  at = word_end;
  for (std::size_t i = 0; i < expr.derefs.size(); ++i, ++at) {
    if (at == text.size() || text[at] != ')') return unclosed(token.part(at));
  }
  expr.span = token.part(0, at).span();
  const Token rest = token.part(at);
  if (!rest.empty() && rest.text()[0] != ':') return stray_text(rest);
  return ParsedFetch{std::move(expr), value.word, rest};
}

}  // namespace kprobed::probespec
