// SPDX-License-Identifier: Apache-2.0
#include "spec_maker.h"

#include <algorithm>

#include "probespec/parse.h"

namespace kprobed::probespec {

ProbeSpec SpecMaker::spec() {
  ProbeSpec spec;
  head(spec);
  const std::size_t count = one_in(50) ? kMaxArgs : below(6);
  for (std::size_t i = 0; i < count; ++i) spec.args.push_back(arg(spec, i));
  if (one_in(8)) {
    FetchArg all;
    all.expr.base = AllArguments{};
    if (spec.args.size() < kMaxArgs) spec.args.push_back(all);
  }
  if (one_in(3)) spec.condition = condition(one_in(20) ? 12 : 3);
  return spec;
}

void SpecMaker::head(ProbeSpec& spec) {
  if (one_in(2)) spec.kind = ProbeKind::on_return;
  const std::uint64_t mechanism = below(8);
  if (mechanism == 0) {
    event_point(spec);
  } else if (mechanism == 1) {
    spec.mechanism = Mechanism::fprobe;
    spec.point.symbol = symbol(20);
    if (one_in(4)) spec.point.module = text("8abz_", "abz_019", 1 + below(20));
  } else if (mechanism == 2) {
    program_point(spec.point, spec.kind);
  } else {
    kernel_point(spec);
    if (spec.kind == ProbeKind::on_return && one_in(4)) {
      spec.max_active = 1 + static_cast<unsigned>(number(kMaxActive - 1));
    }
  }
  if (one_in(4)) spec.event = text("aZ_", "abcXYZ_09", 1 + below(kMaxEventNameBytes));
  if (one_in(4)) spec.group = text("aZ_", "abcXYZ_-09", 1 + below(kMaxEventNameBytes));
}

void SpecMaker::kernel_point(ProbeSpec& spec) {
  ProbePoint& point = spec.point;
  if (one_in(6)) {
    point.address = number(UINT64_MAX);
    return;
  }
  if (one_in(4)) point.module = text("8abz_", "abz_019", 1 + below(20));
  if (one_in(5)) {
    point.pattern = true;
    point.symbol = pattern();
    return;
  }
  point.symbol = symbol(one_in(20) ? 500 : 20);
  if (one_in(6)) {
    point.all = true;
  } else if (spec.kind == ProbeKind::entry && one_in(2)) {
    point.offset = offset(UINT32_MAX);
  }
}

void SpecMaker::program_point(ProbePoint& point, ProbeKind kind) {
  point.path = "/" + text("abc.-", "abc/.:+*%(x019", 1 + below(40));
  if (one_in(2)) {
    point.address = number(UINT64_MAX);
    if (one_in(2)) point.reference_counter = number(UINT64_MAX);
    return;
  }
  point.symbol = symbol(30);
  if (kind == ProbeKind::entry && one_in(2)) {
    point.offset = static_cast<std::int64_t>(number(UINT32_MAX));
  }
}

void SpecMaker::event_point(ProbeSpec& spec) {
  spec.kind = ProbeKind::entry;
  spec.mechanism = one_in(2) ? Mechanism::tracepoint : Mechanism::event;
  spec.point.symbol = text("aZ_", "abcXYZ_09", 1 + below(20));
  if (spec.mechanism == Mechanism::event) {
    spec.point.group = text("9aZ_", "abcXYZ_-09", 1 + below(20));
  }
}

std::string SpecMaker::pattern() {
  std::string out;
  constexpr std::string_view kPieces[] = {"*",    "?",    "[a-z]", "[!0.$]",
                                          "[-x]", "tcp_", "v4",    ".isra"};
  for (auto left = 1 + below(5); left > 0; --left) out += kPieces[below(std::size(kPieces))];
  return out + "*";
}

std::uint64_t SpecMaker::number(std::uint64_t max) {
  if (one_in(10)) return max;
  return std::min(max, random_() >> below(64));
}

std::int64_t SpecMaker::offset(std::uint64_t max) {
  const auto magnitude = static_cast<std::int64_t>(number(max));
  return one_in(2) ? magnitude : -magnitude;
}

std::string SpecMaker::text(std::string_view first, std::string_view then, std::size_t length) {
  std::string out(1, first[below(first.size())]);
  while (out.size() < length) out += then[below(then.size())];
  return out;
}

std::string SpecMaker::symbol(std::size_t longest) {
  return text("abpr_.$Z", "abcxyzABC_.$0189", 2 + below(longest));
}

FetchBase SpecMaker::base(const ProbeSpec& spec) {
  const bool program = !spec.point.path.empty();
  if (spec.mechanism == Mechanism::event) {
    return one_in(8) ? FetchBase(Comm{}) : FetchBase(Named{name(12), one_in(2)});
  }
  switch (below(spec.kind == ProbeKind::entry ? 12 : 14)) {
    case 0:
      return Register{text("abrx", "abx019", 1 + below(6))};
    case 1:
      return RegisterWord{index()};
    case 2:
      return Argument{std::max(index(), 1U), one_in(2)};
    case 3:
      return StackEntry{index(), one_in(2)};
    case 4:
      return StackAddress{};
    case 5:
      return Comm{};
    case 6:
      return Memory{number(UINT64_MAX), one_in(2)};
    case 7:
      if (program) return FileMemory{number(UINT64_MAX)};
      return SymbolMemory{symbol(10), offset(UINT32_MAX)};
    case 8: {
      const bool negative = one_in(3);
      return Immediate{std::max<std::uint64_t>(1, number(negative ? 1ULL << 63 : UINT64_MAX)),
                       negative};
    }
    case 9:
      return ImmediateText{text("a(\"", "ab()\"[]*.,;$%", 1 + below(12))};
    case 10:
    case 11:
      // '$' makes a name of what is a word of 2009 without it.
      if (one_in(4)) return Named{text("ars", "0189", 2 + below(4)), true};
      return Named{name(one_in(10) ? 60 : 12), one_in(2)};
    case 12:
      return ReturnValue{one_in(2)};
    default:
      return ReturnAddress{};
  }
}

std::vector<FieldStep> SpecMaker::fields() {
  std::vector<FieldStep> steps;
  for (auto left = 1 + below(one_in(8) ? kMaxFieldSteps : 3); left > 0; --left) {
    FieldStep step;
    step.kind = static_cast<FieldStep::Kind>(below(3));
    if (step.kind == FieldStep::Kind::index) {
      step.index = index();
    } else {
      step.name = name(8);
    }
    steps.push_back(std::move(step));
  }
  return steps;
}

std::vector<Deref> SpecMaker::derefs() {
  std::vector<Deref> derefs;
  for (auto left = 1 + below(one_in(4) ? 12 : 2); left > 0; --left) {
    derefs.push_back({offset(INT32_MAX), one_in(4), {}});
  }
  return derefs;
}

FetchExpr SpecMaker::expression(const ProbeSpec& spec) {
  FetchExpr expr;
  expr.base = base(spec);
  if (spec.mechanism == Mechanism::event) return expr;
  const auto is = [&](auto word) { return std::holds_alternative<decltype(word)>(expr.base); };
  const bool typed = is(Named{}) || is(Argument{}) || is(ReturnValue{});
  if (typed && one_in(3)) expr.fields = fields();
  if (!is(Comm{}) && !is(ImmediateText{}) && !is(ReturnAddress{}) && one_in(2)) {
    expr.derefs = derefs();
  }
  return expr;
}

FetchType SpecMaker::any_type(const ProbeSpec& spec) {
  FetchType type;
  if (one_in(6)) {
    const auto container = static_cast<unsigned>(8U << below(4));
    const auto width = static_cast<unsigned>(1 + below(container));
    type.bits = BitField{width, static_cast<unsigned>(below(container - width + 1)), container};
  } else {
    type.base = kBaseTypes[below(kBaseTypes.size())];
  }
  const bool bounded = !type.bits && is_text(type.base) && one_in(3);
  if (bounded) type.text_bytes = 1 + static_cast<unsigned>(below(kMaxBoundedText));
  const bool name = type.base == BaseType::dentry_name || type.base == BaseType::file_name;
  if (!bounded && !name && one_in(4)) {
    type.count = 1 + static_cast<unsigned>(below(kMaxArrayLength));
  }
  const bool of_kernel = name || type.base == BaseType::symbol || type.base == BaseType::symstr;
  if (!spec.point.path.empty() && of_kernel) type.base = BaseType::x64;
  return type;
}

std::optional<FetchType> SpecMaker::type(const ProbeSpec& spec, const FetchExpr& expr) {
  if (one_in(3)) return std::nullopt;
  const auto is = [&](auto word) { return std::holds_alternative<decltype(word)>(expr.base); };
  if (is(Comm{}) || is(ImmediateText{})) return FetchType{BaseType::string, {}, 0, 0, {}};
  if (is(ReturnAddress{})) {
    constexpr BaseType kAddresses[] = {BaseType::x64, BaseType::u64, BaseType::c_ptr,
                                       BaseType::c_ulong};
    return FetchType{kAddresses[below(std::size(kAddresses))], {}, 0, 0, {}};
  }
  FetchType type = any_type(spec);
  const bool text = !type.bits && is_text(type.base);
  if (spec.mechanism == Mechanism::event) {
    type.bits.reset();
    type.count = type.text_bytes = 0;
    if (type.base == BaseType::ustring || type.base >= BaseType::symstr) type.base = BaseType::s32;
    return type;
  }
  if (is(Named{}) || !expr.fields.empty()) return type;
  const bool memory =
      !expr.derefs.empty() || is(Memory{}) || is(SymbolMemory{}) || is(FileMemory{});
  const bool user = !expr.derefs.empty() && expr.derefs.back().user;
  const bool symstr = type.base == BaseType::symstr;
  if (!memory && text) return std::nullopt;
  if (!memory || (user && !text)) type.count = 0;
  if (symstr && (user || (!memory && (is(Immediate{}) || is(StackAddress{}))))) return std::nullopt;
  return type;
}

FetchArg SpecMaker::arg(const ProbeSpec& spec, std::size_t i) {
  FetchArg arg;
  arg.expr = expression(spec);
  arg.type = type(spec, arg.expr);
  // Names that cannot meet by chance; unnamed ones only where the place makes the name.
  const bool own_name = argument_name(arg, i) != "arg" + std::to_string(i + 1);
  if (own_name || one_in(2)) {
    arg.name = text("nN_", "abcXYZ_09", 1 + below(26)) + "_" + std::to_string(i);
  }
  // A text with '=' in it, or an unnamed one, would have a name of its own; see ParsesImmediates.
  const auto bytes = [&] { return print(FetchArg{"", arg.expr, arg.type, {}, {}}).size(); };
  while (bytes() > kMaxArgExprBytes && !arg.expr.derefs.empty()) {
    arg.expr.derefs.pop_back();
    arg.type = type(spec, arg.expr);
  }
  while (bytes() > kMaxOwnExprBytes && !arg.expr.fields.empty()) {
    arg.expr.fields.pop_back();
    arg.type = type(spec, arg.expr);
  }
  return arg;
}

Condition SpecMaker::condition(std::size_t depth) {
  Condition condition;
  if (depth == 0 || one_in(3)) {
    condition.comparison = comparison();
    return condition;
  }
  condition.kind = static_cast<Condition::Kind>(1 + below(3));
  const std::size_t parts = condition.kind == Condition::Kind::negate ? 1 : 2 + below(3);
  while (condition.parts.size() < parts) {
    Condition part = this->condition(depth - 1);
    // A group of the same kind would be read as part of this one.
    const bool same = part.kind == condition.kind && condition.kind != Condition::Kind::negate;
    if (!same) condition.parts.push_back(std::move(part));
  }
  return condition;
}

Comparison SpecMaker::comparison() {
  Comparison comparison;
  constexpr std::string_view kFields[] = {"dfd",      "comm",    "$comm",     "a1",    "$arg2",
                                          "how->x.y", "n[3]->z", "$retval.x", "m0x10", "if"};
  comparison.field = kFields[below(std::size(kFields))];
  switch (below(4)) {
    case 0:
      comparison.value = number(UINT64_MAX);
      comparison.op = static_cast<Comparison::Op>(below(7));
      break;
    case 1:
      comparison.value = -1 - static_cast<std::int64_t>(number(INT64_MAX));
      comparison.op = static_cast<Comparison::Op>(below(7));
      break;
    case 2:
      if (comparison.field.find("comm") == std::string::npos) {
        comparison.value = name(20);
        comparison.op = static_cast<Comparison::Op>(below(7));
        break;
      }
      [[fallthrough]];
    default: {
      constexpr Comparison::Op kOps[] = {Comparison::Op::equal, Comparison::Op::unequal,
                                         Comparison::Op::like};
      std::string value;
      const std::string_view quote = one_in(2) ? "'" : "\"";
      for (auto left = below(one_in(20) ? kMaxQuotedBytes + 1 : 12); left > 0; --left) {
        value += one_in(8) ? quote : text("ab \t#()&|!*?[]~=:;", "", 1);
      }
      comparison.value = std::move(value);
      comparison.quoted = true;
      comparison.op = kOps[below(3)];
      break;
    }
  }
  return comparison;
}

}  // namespace kprobed::probespec
