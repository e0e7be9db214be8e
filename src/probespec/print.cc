// SPDX-License-Identifier: Apache-2.0
//
// A spec back to text. Offsets are decimal, addresses hexadecimal, as kprobe_events lists them.
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
};

}  // namespace

std::string print(const ProbeSpec& spec) {
  std::string text = spec.kind == ProbeKind::entry ? "p " : "r ";
  text += print(spec.point);
  for (const FetchArg& arg : spec.args) text += " " + print(arg);
  return text;
}

std::string print(const ProbePoint& point) {
  if (point.address) return hex(*point.address);
  const std::string module = point.module.empty() ? "" : point.module + ":";
  return module + point.symbol + signed_offset(point.offset);
}

std::string print(const FetchArg& arg) {
  std::string text = arg.name.empty() ? "" : arg.name + "=";
  text += print(arg.expr);
  if (arg.type) text += format(":{}", word(arg.type->base));
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
  return text.append(expr.derefs.size(), ')');
}

}  // namespace kprobed::probespec
