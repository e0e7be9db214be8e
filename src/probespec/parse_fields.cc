// SPDX-License-Identifier: Apache-2.0
#include "probespec/parse_fields.h"

#include <algorithm>
#include <limits>
#include <string>

#include "base/format.h"
#include "probespec/numbers.h"
#include "probespec/parse.h"

namespace kprobed::probespec {
namespace {

/// Reads the step at the front of `rest`.
Result<FieldStep> parse_name(const Token& rest, FieldStep::Kind kind, std::size_t sign) {
  FieldStep step;
  step.kind = kind;
  const Token name = rest.part(sign);
  const std::size_t length = name_length(name.text());
  if (length == 0 || is_digit(name.text()[0]) || name.text()[0] == '$') {
    return blame(name.part(0, length), ErrorCode::syntax,
                 format("the field's name is missing after '{}'", rest.text().substr(0, sign)),
                 "fields are written as in C: file->f_path.dentry, arr[2]");
  }
  step.name = name.text().substr(0, length);
  step.span = rest.part(0, sign + length).span();
  return step;
}

Result<FieldStep> parse_index(const Token& rest) {
  FieldStep step;
  step.kind = FieldStep::Kind::index;
  const std::size_t close = rest.text().find(']');
  if (close == std::string_view::npos) {
    return blame(rest.after(), ErrorCode::syntax, "a ']' is missing",
                 "an element of an array is written arr[2]");
  }
  KPROBED_TRY(const auto index,
              read_number(rest.part(1, close - 1), std::numeric_limits<std::uint32_t>::max()));
  step.index = static_cast<std::uint32_t>(index);
  step.span = rest.part(0, close + 1).span();
  return step;
}

Result<FieldStep> parse_step(const Token& rest) {
  const std::string_view text = rest.text();
  if (begins_with(text, "->")) return parse_name(rest, FieldStep::Kind::arrow, 2);
  if (begins_with(text, ".")) return parse_name(rest, FieldStep::Kind::dot, 1);
  if (begins_with(text, "[")) return parse_index(rest);
  return blame(rest, ErrorCode::syntax, format("unexpected {} behind a field", quoted(text)),
               "fields are written as in C: file->f_path.dentry, arr[2]");
}

}  // namespace

std::size_t name_length(std::string_view text) {
  std::size_t end = begins_with(text, "$") ? 1 : 0;
  while (end < text.size() && is_name_char(text[end])) ++end;
  return end;
}

bool at_field(std::string_view text) {
  return begins_with(text, "->") || begins_with(text, ".") || begins_with(text, "[");
}

Result<std::vector<FieldStep>> parse_fields(const Token& token) {
  std::vector<FieldStep> steps;
  std::size_t at = 0;
  while (at < token.size()) {
    KPROBED_TRY(auto step, parse_step(token.part(at)));
    if (steps.size() == kMaxFieldSteps) {
      return blame(token.part(at, step.span.end - step.span.begin), ErrorCode::too_many,
                   format("at most {} fields are followed", kMaxFieldSteps),
                   "stop at a pointer, and set the rest apart with +OFFSET(...)");
    }
    at += step.span.end - step.span.begin;
    steps.push_back(std::move(step));
  }
  return steps;
}

}  // namespace kprobed::probespec
