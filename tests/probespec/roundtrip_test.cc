// SPDX-License-Identifier: Apache-2.0
//
// print and parse are inverses: for thousands of made-up specs, parse(print(x)) is x.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "probespec/parse.h"
#include "spec_maker.h"
#include "spec_text.h"

namespace kprobed::probespec {
namespace {

/// What the generator must have reached, by name.
class Reached {
 public:
  void note(const ProbeSpec& spec) {
    seen_.insert("mechanism " + std::to_string(static_cast<int>(spec.mechanism)) +
                 (spec.kind == ProbeKind::entry ? " entry" : " return"));
    note("group and event", !spec.group.empty() && !spec.event.empty());
    note("group alone", !spec.group.empty() && spec.event.empty());
    note("event alone", spec.group.empty() && !spec.event.empty());
    note("maxactive", spec.max_active != 0);
    note("pattern", spec.point.pattern);
    note("all", spec.point.all);
    note("program by symbol", !spec.point.path.empty() && !spec.point.symbol.empty());
    note("reference counter", spec.point.reference_counter.has_value());
    note("negative offset", spec.point.offset < 0);
    for (const FetchArg& arg : spec.args) note(arg);
    if (spec.condition) note(*spec.condition);
  }
  std::size_t count() const { return seen_.size(); }
  std::size_t deepest = 0, longest = 0;

 private:
  void note(const char* what, bool there) {
    if (there) seen_.insert(what);
  }
  void note(const FetchArg& arg) {
    seen_.insert("base " + std::to_string(arg.expr.base.index()));
    for (const FieldStep& step : arg.expr.fields) {
      seen_.insert("step " + std::to_string(static_cast<int>(step.kind)));
    }
    deepest = std::max(deepest, arg.expr.derefs.size());
    if (!arg.type) return;
    note("bits", arg.type->bits.has_value());
    note("array of bits", arg.type->bits && arg.type->count != 0);
    note("array of text", is_text(arg.type->base) && arg.type->count != 0);
    note("bounded", arg.type->text_bytes != 0);
    if (!arg.type->bits) seen_.insert("type " + std::string(word(arg.type->base)));
  }
  void note(const Condition& condition) {
    seen_.insert("condition " + std::to_string(static_cast<int>(condition.kind)));
    if (condition.kind == Condition::Kind::compare) {
      seen_.insert("op " + std::string(word(condition.comparison.op)));
      seen_.insert("value " + std::to_string(condition.comparison.value.index()) +
                   (condition.comparison.quoted ? " quoted" : ""));
    }
    for (const Condition& part : condition.parts) note(part);
  }

  std::set<std::string> seen_;
};

TEST(RoundTrip, ParseUndoesPrint) {
  SpecMaker maker(20090319);
  Reached reached;
  std::size_t tried = 0;
  for (int i = 0; i < 8'000; ++i) {
    const ProbeSpec spec = maker.spec();
    const std::string text = print(spec);
    if (text.size() > kMaxLineBytes) continue;
    const ProbeSpec back = parse_one(text);
    ASSERT_EQ(without_spans(back), spec) << text;
    ASSERT_EQ(print(back), text);
    ++tried;
    reached.note(spec);
    reached.longest = std::max(reached.longest, text.size());
  }
  // The generator must reach what it is meant to reach: 6 mechanisms and kinds, 9 of the head and
  // the point, 15 bases, 3 steps, 4 of types and their 27 words, 4 conditions, 8 operators, 4
  // values.
  EXPECT_EQ(reached.count(), 6U + 9 + 15 + 3 + 4 + 27 + 4 + 8 + 4);
  EXPECT_GT(tried, 7'000U);
  EXPECT_GT(reached.longest, 3'500U);
  EXPECT_GE(reached.deepest, 7U);
}

}  // namespace
}  // namespace kprobed::probespec
