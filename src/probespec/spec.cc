// SPDX-License-Identifier: Apache-2.0
#include "probespec/spec.h"

#include "base/format.h"
#include "base/text.h"

namespace kprobed::probespec {
namespace {

/// The word a value of 2009 goes by; "" for the kernel's words.
struct NameOf2009 {
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
  std::string operator()(const Register&) const { return {}; }
  std::string operator()(const StackAddress&) const { return {}; }
  std::string operator()(const Comm&) const { return {}; }
  std::string operator()(const SymbolMemory&) const { return {}; }
};

}  // namespace

std::string argument_name(const FetchArg& arg, std::size_t index) {
  if (!arg.name.empty()) return arg.name;
  if (arg.expr.derefs.empty()) {
    if (auto name = std::visit(NameOf2009{}, arg.expr.base); !name.empty()) return name;
  }
  return format("arg{}", index + 1);
}

std::string_view word(BaseType type) {
  switch (type) {
    case BaseType::u8:
      return "u8";
    case BaseType::u16:
      return "u16";
    case BaseType::u32:
      return "u32";
    case BaseType::u64:
      return "u64";
    case BaseType::s8:
      return "s8";
    case BaseType::s16:
      return "s16";
    case BaseType::s32:
      return "s32";
    case BaseType::s64:
      return "s64";
    case BaseType::x8:
      return "x8";
    case BaseType::x16:
      return "x16";
    case BaseType::x32:
      return "x32";
    case BaseType::x64:
      return "x64";
    case BaseType::string:
      return "string";
    case BaseType::ustring:
      return "ustring";
  }
  return {};
}

unsigned size_of(BaseType type) {
  switch (type) {
    case BaseType::u8:
    case BaseType::s8:
    case BaseType::x8:
      return 1;
    case BaseType::u16:
    case BaseType::s16:
    case BaseType::x16:
      return 2;
    case BaseType::u32:
    case BaseType::s32:
    case BaseType::x32:
      return 4;
    case BaseType::u64:
    case BaseType::s64:
    case BaseType::x64:
      return 8;
    case BaseType::string:
    case BaseType::ustring:
      return 0;
  }
  return 0;
}

ProbeSpec without_spans(ProbeSpec spec) {
  spec.span = {};
  spec.point.span = spec.point.symbol_span = spec.point.offset_span = {};
  for (FetchArg& arg : spec.args) {
    arg.span = arg.name_span = arg.expr.span = arg.expr.base_span = {};
    for (Deref& deref : arg.expr.derefs) deref.span = {};
    if (arg.type) arg.type->span = {};
  }
  return spec;
}

}  // namespace kprobed::probespec
