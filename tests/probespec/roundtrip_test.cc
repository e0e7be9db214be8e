// SPDX-License-Identifier: Apache-2.0
//
// print and parse are inverses: for thousands of made-up specs, parse(print(x)) is x.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "probespec/parse.h"
#include "spec_text.h"

namespace kprobed::probespec {
namespace {

/// Makes specs that keep the rules of docs/spec.md, the longest and oddest of them included.
class SpecMaker {
 public:
  explicit SpecMaker(unsigned seed) : random_(seed) {}

  ProbeSpec spec() {
    ProbeSpec spec;
    spec.kind = one_in(2) ? ProbeKind::entry : ProbeKind::on_return;
    spec.point = point(spec.kind);
    const std::size_t count = one_in(50) ? 128 : below(6);
    for (std::size_t i = 0; i < count; ++i) spec.args.push_back(arg(spec.kind, i));
    return spec;
  }

 private:
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }

  /// Of any magnitude up to `max`, the small ones and `max` itself not too rare.
  std::uint64_t number(std::uint64_t max) {
    if (one_in(10)) return max;
    return std::min(max, random_() >> below(64));
  }
  std::int64_t offset(std::uint64_t max) {
    const auto magnitude = static_cast<std::int64_t>(number(max));
    return one_in(2) ? magnitude : -magnitude;
  }
  unsigned index() { return static_cast<unsigned>(number(UINT32_MAX)); }

  std::string text(std::string_view first, std::string_view then, std::size_t length) {
    std::string out(1, first[below(first.size())]);
    while (out.size() < length) out += then[below(then.size())];
    return out;
  }
  std::string symbol(std::size_t longest) {
    return text("abpr_.$Z", "abcxyzABC_.$0189", 2 + below(longest));
  }

  ProbePoint point(ProbeKind kind) {
    ProbePoint point;
    if (one_in(5)) {
      point.address = number(UINT64_MAX);
      return point;
    }
    point.symbol = symbol(one_in(20) ? 500 : 20);
    if (one_in(4)) point.module = text("8abz_", "abz_019", 1 + below(20));
    if (kind == ProbeKind::entry && one_in(2)) point.offset = offset(UINT32_MAX);
    return point;
  }

  FetchBase base(ProbeKind kind) {
    switch (below(kind == ProbeKind::entry ? 8 : 10)) {
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
        return SymbolMemory{symbol(10), offset(UINT32_MAX)};
      case 8:
        return ReturnValue{one_in(2)};
      default:
        return ReturnAddress{};
    }
  }

  std::optional<FetchType> type(const FetchExpr& expr) {
    if (one_in(3)) return std::nullopt;
    if (std::holds_alternative<Comm>(expr.base)) return FetchType{BaseType::string, {}};
    if (std::holds_alternative<ReturnAddress>(expr.base)) {
      return FetchType{one_in(2) ? BaseType::x64 : BaseType::u64, {}};
    }
    const bool memory = !expr.derefs.empty() || std::holds_alternative<Memory>(expr.base);
    const std::size_t numbers_only = kBaseTypes.size() - 2;
    return FetchType{kBaseTypes[below(memory ? kBaseTypes.size() : numbers_only)], {}};
  }

  FetchArg arg(ProbeKind kind, std::size_t i) {
    FetchArg arg;
    arg.expr.base = base(kind);
    // Names that cannot meet by chance; unnamed ones only where the place makes the name.
    const bool word_of_2009 = argument_name(arg, i) != "arg" + std::to_string(i + 1);
    if (word_of_2009 || one_in(2)) {
      arg.name = text("nN_", "abcXYZ_09", 1 + below(26)) + "_" + std::to_string(i);
    }
    const bool followed = !std::holds_alternative<Comm>(arg.expr.base) &&
                          !std::holds_alternative<ReturnAddress>(arg.expr.base);
    if (followed && one_in(2)) {
      for (auto left = 1 + below(one_in(4) ? 12 : 2); left > 0; --left) {
        arg.expr.derefs.push_back({offset(INT32_MAX), one_in(4), {}});
      }
    }
    arg.type = type(arg.expr);
    // Small offsets leave more room within 63 bytes.
    while (print(FetchArg{"", arg.expr, arg.type, {}, {}}).size() > kMaxArgExprBytes) {
      arg.expr.derefs.pop_back();
      arg.type = type(arg.expr);
    }
    return arg;
  }

  std::mt19937_64 random_;
};

TEST(RoundTrip, ParseUndoesPrint) {
  SpecMaker maker(20090319);
  std::size_t tried = 0, deepest = 0, longest = 0;
  for (int i = 0; i < 20'000; ++i) {
    const ProbeSpec spec = maker.spec();
    const std::string text = print(spec);
    if (text.size() > kMaxLineBytes) continue;
    const ProbeSpec back = parse_one(text);
    ASSERT_EQ(without_spans(back), spec) << text;
    ASSERT_EQ(print(back), text);
    ++tried;
    longest = std::max(longest, text.size());
    for (const FetchArg& arg : spec.args) deepest = std::max(deepest, arg.expr.derefs.size());
  }
  // The generator must reach what it is meant to reach.
  EXPECT_GT(tried, 19'000U);
  EXPECT_GT(longest, 3'500U);
  EXPECT_GE(deepest, 7U);
}

}  // namespace
}  // namespace kprobed::probespec
