// SPDX-License-Identifier: Apache-2.0
#include "probespec/parse_condition.h"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "probespec/parse.h"
#include "probespec/parse_comparison.h"

namespace kprobed::probespec {
namespace {

/// condition = all { "||" all } ; all = unit { "&&" unit } ;
/// unit = "!" unit | "(" condition ")" | comparison.
class ConditionParser {
 public:
  explicit ConditionParser(const Token& text) : text_(text) {}

  Result<Condition> whole() {
    KPROBED_TRY(auto condition, any());
    skip_blanks();
    if (at_ != text_.size()) return stray();
    return condition;
  }

 private:
  Result<Condition> any() { return chain(Condition::Kind::any, "||", &ConditionParser::all); }
  Result<Condition> all() { return chain(Condition::Kind::all, "&&", &ConditionParser::unit); }

  using Part = Result<Condition> (ConditionParser::*)();

  /// One part, or several joined by `joint`.
  Result<Condition> chain(Condition::Kind kind, std::string_view joint, Part part) {
    skip_blanks();
    const std::size_t begin = at_;
    KPROBED_TRY(auto first, (this->*part)());
    skip_blanks();
    if (!at(joint)) return first;

    Condition condition;
    condition.kind = kind;
    add(condition, std::move(first));
    while (at(joint)) {
      at_ += joint.size();
      KPROBED_TRY(auto next, (this->*part)());
      add(condition, std::move(next));
      condition.span = text_.part(begin, at_ - begin).span();
      skip_blanks();
    }
    return condition;
  }

  static void add(Condition& condition, Condition part) {
    if (part.kind != condition.kind) {
      condition.parts.push_back(std::move(part));
      return;
    }
    for (Condition& inner : part.parts) condition.parts.push_back(std::move(inner));
  }

  Result<Condition> unit() {
    skip_blanks();
    if (!at("(") && !at("!")) return comparison();
    if (depth_ == kMaxConditionDepth) {
      return blame(text_.part(at_, 1), ErrorCode::too_many,
                   format("more than {} '(' and '!' within each other", kMaxConditionDepth),
                   "say it in fewer steps");
    }
    ++depth_;
    auto condition = at("(") ? group() : negation();
    --depth_;
    return condition;
  }

  Result<Condition> negation() {
    Condition condition;
    condition.kind = Condition::Kind::negate;
    const std::size_t begin = at_++;
    KPROBED_TRY(auto part, unit());
    condition.parts.push_back(std::move(part));
    condition.span = text_.part(begin, at_ - begin).span();
    return condition;
  }

  Result<Condition> group() {
    const std::size_t open = at_++;
    KPROBED_TRY(auto condition, any());
    skip_blanks();
    if (at(")")) {
      ++at_;
      return condition;
    }
    if (at_ != text_.size()) return stray();
    return blame(text_.part(open, 1), ErrorCode::syntax, "this '(' is not closed",
                 "every '(' of a condition needs its ')'");
  }

  Result<Condition> comparison() {
    KPROBED_TRY(auto parsed, parse_comparison(text_.part(at_)));
    Condition condition;
    condition.comparison = std::move(parsed.comparison);
    condition.span = text_.part(at_, parsed.bytes).span();
    at_ += parsed.bytes;
    return condition;
  }

  /// What stands where "&&", "||" or the end belongs.
  Error stray() const {
    const Token rest = text_.part(at_);
    if (at(")")) {
      return blame(rest.part(0, 1), ErrorCode::syntax, "a ')' without its '('", "leave it out");
    }
    const Token word = rest.part(0, rest.text().find_first_of(" \t()"));
    if (at("&") || at("|") || word.text() == "and" || word.text() == "or") {
      return blame(word, ErrorCode::syntax, "comparisons are joined by '&&' and '||'",
                   format("write {} instead", at("|") || at("o") ? "||" : "&&"));
    }
    return blame(word, ErrorCode::syntax,
                 format("unexpected {} behind a comparison", quoted(word.text())),
                 "join comparisons by '&&' or '||'; text with blanks stands in quotes");
  }

  void skip_blanks() {
    const std::size_t next = text_.text().find_first_not_of(" \t", at_);
    at_ = std::min(next, text_.size());
  }
  bool at(std::string_view what) const { return begins_with(text_.text().substr(at_), what); }

  Token text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace

Result<Condition> parse_condition(const Token& word, const Token& text) {
  if (trim(text.text()).empty()) {
    return blame(word.after(), ErrorCode::syntax, "the condition is missing after 'if'",
                 R"(write FIELD OP VALUE, such as dfd >= 0 or comm == "bash")");
  }
  return ConditionParser(text).whole();
}

}  // namespace kprobed::probespec
