// SPDX-License-Identifier: Apache-2.0
//
// A spec back to text. Offsets are decimal, addresses hexadecimal, as kprobe_events lists them.
#include <string>
#include <string_view>
#include <variant>

#include "base/format.h"
#include "base/text.h"
#include "probespec/spec.h"

namespace kprobed::probespec {
namespace {

/// "" for 0, else with its sign.
std::string signed_offset(std::int64_t offset) { return offset == 0 ? "" : format("{:+}", offset); }

struct PrintWord {
  std::string operator()(const Register& word) const { return "%" + word.name; }
  std::string operator()(const RegisterWord& word) const { return format("r{}", word.n); }
  std::string operator()(const Argument& word) const {
    return format("{}{}", word.spelling_2009 ? "a" : "$arg", word.n);
  }
  std::string operator()(const StackEntry& word) const {
    return format("{}{}", word.spelling_2009 ? "s" : "$stack", word.n);
  }
  std::string operator()(const StackAddress&) const { return "$stack"; }
  std::string operator()(const ReturnValue& word) const {
    return word.spelling_2009 ? "rv" : "$retval";
  }
  std::string operator()(const ReturnAddress&) const { return "rp"; }
  std::string operator()(const Comm&) const { return "$comm"; }
  std::string operator()(const Memory& word) const {
    return format("{}{}", word.spelling_2009 ? "m" : "@", hex(word.address));
  }
  std::string operator()(const SymbolMemory& word) const {
    return format("@{}{}", word.symbol, signed_offset(word.offset));
  }
  std::string operator()(const Named& word) const { return (word.dollar ? "$" : "") + word.name; }
  std::string operator()(const AllArguments&) const { return "$args"; }
  std::string operator()(const Immediate& word) const {
    return format("\\{}{}", word.negative ? "-" : "", word.magnitude);
  }
  std::string operator()(const ImmediateText& word) const { return "\\\"" + word.text + "\""; }
  std::string operator()(const FileMemory& word) const { return "@+" + hex(word.offset); }
};

/// p, r, f, t, with MAXACTIVE and names.
std::string print_head(const ProbeSpec& spec) {
  std::string text;
  switch (spec.mechanism) {
    case Mechanism::probe:
      text = spec.kind == ProbeKind::entry ? "p" : "r";
      break;
    case Mechanism::fprobe:
      text = "f";
      break;
    case Mechanism::tracepoint:
    case Mechanism::event:
      text = "t";
      break;
  }
  if (spec.max_active != 0) text += format("{}", spec.max_active);
  if (!spec.group.empty()) {
    text += format(":{}/{}", spec.group, spec.event);
  } else if (!spec.event.empty()) {
    text += ":" + spec.event;
  }
  return text;
}

struct PrintValue {
  std::string operator()(std::int64_t number) const { return format("{}", number); }
  std::string operator()(std::uint64_t number) const { return format("{}", number); }
  std::string operator()(const std::string& text) const { return text; }
};

std::string print(const Comparison& comparison) {
  std::string value = std::visit(PrintValue{}, comparison.value);
  if (comparison.quoted) {
    const char quote = value.find('"') == std::string::npos ? '"' : '\'';
    value = quote + value + quote;
  }
  return format("{} {} {}", comparison.field, word(comparison.op), value);
}

std::string print_chain(const Condition& condition, std::string_view joint) {
  std::string text;
  for (const Condition& part : condition.parts) {
    if (!text.empty()) text += joint;
    // && binds tighter than ||.
    const bool looser = condition.kind == Condition::Kind::all && part.kind == Condition::Kind::any;
    text += looser ? "(" + print(part) + ")" : print(part);
  }
  return text;
}

}  // namespace

std::string print(const FieldStep& step) {
  switch (step.kind) {
    case FieldStep::Kind::arrow:
      return "->" + step.name;
    case FieldStep::Kind::dot:
      return "." + step.name;
    case FieldStep::Kind::index:
      return format("[{}]", step.index);
  }
  return {};
}

std::string print(const ProbeSpec& spec) {
  std::string text = print_head(spec) + " " + print(spec.point);
  if (spec.mechanism == Mechanism::fprobe && spec.kind == ProbeKind::on_return) text += "%return";
  for (const FetchArg& arg : spec.args) text += " " + print(arg);
  if (spec.condition) text += " if " + print(*spec.condition);
  return text;
}

std::string print(const ProbePoint& point) {
  std::string text;
  if (!point.path.empty()) text = point.path + ":";
  if (!point.module.empty()) text = point.module + ":";
  if (!point.group.empty()) text = point.group + "/";
  text += point.address ? hex(*point.address) : point.symbol + signed_offset(point.offset);
  if (point.reference_counter) text += format("({})", hex(*point.reference_counter));
  if (point.all) text += "%all";
  return text;
}

std::string print(const FetchArg& arg) {
  std::string text = arg.name.empty() ? "" : arg.name + "=";
  text += print(arg.expr);
  if (arg.type) text += ":" + print(*arg.type);
  return text;
}

std::string print(const FetchExpr& expr) {
  std::string text;
  for (auto deref = expr.derefs.rbegin(); deref != expr.derefs.rend(); ++deref) {
    // The sign stands before the 'u'.
    text += deref->offset < 0 ? "-" : "+";
    if (deref->user) text += "u";
    text += format("{}(", deref->offset < 0 ? -deref->offset : deref->offset);
  }
  text += std::visit(PrintWord{}, expr.base);
  for (const FieldStep& step : expr.fields) text += print(step);
  return text.append(expr.derefs.size(), ')');
}

std::string print(const FetchType& type) {
  std::string text(word(type.base));
  if (type.bits)
    text = format("b{}@{}/{}", type.bits->width, type.bits->offset, type.bits->container);
  if (type.count != 0) text += format("[{}]", type.count);
  if (type.text_bytes != 0) text += format("{{{}}}", type.text_bytes);
  return text;
}

std::string print(const Condition& condition) {
  switch (condition.kind) {
    case Condition::Kind::compare:
      return print(condition.comparison);
    case Condition::Kind::negate: {
      const Condition& part = condition.parts.front();
      // `!a == 1` is the negation of the comparison, and reads as if it were not.
      return part.kind == Condition::Kind::negate ? "!" + print(part) : "!(" + print(part) + ")";
    }
    case Condition::Kind::all:
      return print_chain(condition, " && ");
    case Condition::Kind::any:
      return print_chain(condition, " || ");
  }
  return {};
}

}  // namespace kprobed::probespec
