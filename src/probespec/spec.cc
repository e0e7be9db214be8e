// SPDX-License-Identifier: Apache-2.0
#include "probespec/spec.h"

#include "base/format.h"
#include "base/text.h"

namespace kprobed::probespec {
namespace {

/// The word that a value goes by; "" for the kernel's words.
struct OwnName {
  std::string operator()(const RegisterWord& word) const { return format("r{}", word.n); }
  std::string operator()(const Argument& word) const {
    return word.spelling_2009 ? format("a{}", word.n) : "";
  }
  std::string operator()(const StackEntry& word) const {
    return word.spelling_2009 ? format("s{}", word.n) : "";
  }
  std::string operator()(const ReturnValue& word) const { return word.spelling_2009 ? "rv" : ""; }
  std::string operator()(const ReturnAddress&) const { return "rp"; }
  std::string operator()(const Memory& word) const {
    return word.spelling_2009 ? "m" + hex(word.address) : "";
  }
  std::string operator()(const Named& word) const { return word.name; }
  std::string operator()(const Register&) const { return {}; }
  std::string operator()(const StackAddress&) const { return {}; }
  std::string operator()(const Comm&) const { return {}; }
  std::string operator()(const SymbolMemory&) const { return {}; }
  std::string operator()(const AllArguments&) const { return {}; }
  std::string operator()(const Immediate&) const { return {}; }
  std::string operator()(const ImmediateText&) const { return {}; }
  std::string operator()(const FileMemory&) const { return {}; }
};

/// The last name on the way, with the indices behind it; "" if there is none.
std::string name_of(const FetchExpr& expr) {
  std::string name = std::visit(OwnName{}, expr.base);
  for (const FieldStep& step : expr.fields) {
    if (step.kind != FieldStep::Kind::index) {
      name = step.name;
    } else if (!name.empty()) {
      name += format("_{}", step.index);
    }
  }
  return name;
}

void forget_spans(Condition& condition) {
  condition.span = {};
  Comparison& comparison = condition.comparison;
  comparison.field_span = comparison.op_span = comparison.value_span = {};
  for (Condition& part : condition.parts) forget_spans(part);
}

}  // namespace

std::string argument_name(const FetchArg& arg, std::size_t index) {
  if (!arg.name.empty()) return arg.name;
  if (std::holds_alternative<AllArguments>(arg.expr.base)) return {};
  if (arg.expr.derefs.empty()) {
    if (auto name = name_of(arg.expr); !name.empty()) return name;
  }
  return format("arg{}", index + 1);
}

std::string_view word(BaseType type) {
  constexpr std::array<std::string_view, kBaseTypes.size()> kWords = {
      "u8",   "u16",  "u32",   "u64",    "s8",      "s16",  "s32",    "s64",    "x8",
      "x16",  "x32",  "x64",   "string", "ustring", "char", "symbol", "symstr", "int",
      "uint", "long", "ulong", "short",  "ushort",  "bool", "ptr",    "%pd",    "%pD"};
  return kWords[static_cast<std::size_t>(type)];
}

bool is_text(BaseType type) { return type == BaseType::string || type == BaseType::ustring; }

std::string_view word(Comparison::Op op) {
  switch (op) {
    case Comparison::Op::equal:
      return "==";
    case Comparison::Op::unequal:
      return "!=";
    case Comparison::Op::less:
      return "<";
    case Comparison::Op::at_most:
      return "<=";
    case Comparison::Op::greater:
      return ">";
    case Comparison::Op::at_least:
      return ">=";
    case Comparison::Op::bits:
      return "&";
    case Comparison::Op::like:
      return "~";
  }
  return {};
}

ProbeSpec without_spans(ProbeSpec spec) {
  spec.span = spec.kind_span = spec.event_span = {};
  spec.point.span = spec.point.symbol_span = spec.point.offset_span = {};
  for (FetchArg& arg : spec.args) {
    arg.span = arg.name_span = arg.expr.span = arg.expr.base_span = {};
    for (FieldStep& step : arg.expr.fields) step.span = {};
    for (Deref& deref : arg.expr.derefs) deref.span = {};
    if (arg.type) arg.type->span = {};
  }
  if (spec.condition) forget_spans(*spec.condition);
  return spec;
}

}  // namespace kprobed::probespec
