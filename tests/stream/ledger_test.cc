// SPDX-License-Identifier: Apache-2.0
//
// The arithmetic of a ledger: what adds up, what does not, and what cannot be said.
#include "stream/ledger.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kprobed::stream {
namespace {

/// 100 hits, each term known and another.
LedgerTerms whole() {
  return {.hits = 100,
          .missed = 3,
          .unattached = 1,
          .kernel_dropped = 2,
          .filtered = 30,
          .sampled_out = 4,
          .lost = 10,
          .unclaimed = 3,
          .read = 50,
          .malformed = 1,
          .excluded = 20,
          .discarded = 2,
          .published = 22,
          .held = 5,
          .seen = 97,
          .shared = false};
}

TEST(Ledger, AddsUpOrSaysByHowMuchNot) {
  struct Row {
    const char* what;
    void (*change)(LedgerTerms&);
    std::optional<std::int64_t> unexplained;
  };
  const std::vector<Row> rows = {
      {"all of it", [](LedgerTerms&) {}, 0},
      {"misses are no hits", [](LedgerTerms& t) { t.missed.reset(); }, 0},
      {"seven hits that nobody has seen", [](LedgerTerms& t) { *t.hits += 7; }, 7},
      {"more read than there was", [](LedgerTerms& t) { *t.hits -= 7; }, -7},
      {"read and then nowhere", [](LedgerTerms& t) { t.published -= 7; }, 7},
      {"published twice", [](LedgerTerms& t) { t.published += 7; }, -7},
      // One mistake, in both lines with another sign: it must not cancel out.
      {"counted as read twice", [](LedgerTerms& t) { t.read += 7; }, 7},
      {"no profile: from perf on", [](LedgerTerms& t) { t.hits.reset(); }, 0},
      {"no profile, seven missing",
       [](LedgerTerms& t) {
         t.hits.reset();
         *t.seen += 7;
       },
       7},
      {"losses not known", [](LedgerTerms& t) { t.lost.reset(); }, std::nullopt},
      {"losses not known, but read and then nowhere",
       [](LedgerTerms& t) {
         t.lost.reset();
         t.published -= 7;
       },
       7},
      {"filtered not known", [](LedgerTerms& t) { t.filtered.reset(); }, std::nullopt},
      {"sampling not known", [](LedgerTerms& t) { t.sampled_out.reset(); }, std::nullopt},
      {"unattached not known: from perf on", [](LedgerTerms& t) { t.unattached.reset(); }, 0},
      {"neither hits nor seen",
       [](LedgerTerms& t) {
         t.hits.reset();
         t.seen.reset();
       },
       std::nullopt},
      {"shared: the first line is the event's",
       [](LedgerTerms& t) {
         t.shared = true;
         t.hits = 9000;
       },
       0},
      {"shared, read and then nowhere",
       [](LedgerTerms& t) {
         t.shared = true;
         t.published -= 7;
       },
       7},
  };
  for (const Row& row : rows) {
    LedgerTerms terms = whole();
    row.change(terms);
    EXPECT_EQ(unexplained(terms), row.unexplained) << row.what;
  }
}

TEST(Ledger, OfTwoTimesIsTheirSumAndKnowsNoMoreThanEither) {
  LedgerTerms sum = whole() + whole();
  EXPECT_EQ(sum.hits, 200u);
  EXPECT_EQ(sum.published, 44u);
  EXPECT_EQ(unexplained(sum), 0);
  LedgerTerms dark = whole();
  dark.lost.reset();
  sum = whole() + dark;
  EXPECT_EQ(sum.lost, std::nullopt);
  EXPECT_EQ(sum.filtered, 60u);
  EXPECT_EQ(unexplained(sum), std::nullopt);
}

/// Each step is what the profile said, and perf before and after that was read.
struct Step {
  enum { on, off } to;
  std::uint64_t hits;
  Attachment::Seen seen;
};

TEST(Attachment, TellsWhatNobodySawByWhenItWas) {
  struct Row {
    const char* what;
    std::vector<Step> steps;
    std::uint64_t hits;
    Attachment::Seen seen;
    std::uint64_t unattached, dropped;
  };
  const std::vector<Row> rows = {
      {"never enabled", {}, 9, {0, 0}, 9, 0},
      {"enabled, all seen", {{Step::on, 0, {0, 0}}}, 9, {9, 9}, 0, 0},
      {"hit before that", {{Step::on, 5, {0, 0}}}, 9, {4, 4}, 5, 0},
      {"oversize", {{Step::on, 5, {0, 0}}}, 9, {2, 2}, 5, 2},
      {"and after it was disabled",
       {{Step::on, 5, {0, 0}}, {Step::off, 9, {2, 2}}},
       20,
       {2, 2},
       16,
       2},
      {"twice enabled",
       {{Step::on, 1, {0, 0}}, {Step::off, 5, {3, 3}}, {Step::on, 7, {3, 3}}},
       10,
       {5, 5},
       3,
       2},
      {"hits go on while it is looked: they can all have been seen",
       {{Step::on, 100, {95, 110}}},
       200,
       {190, 204},
       0,
       0},
      {"... and 20 cannot", {{Step::on, 100, {95, 100}}}, 220, {195, 200}, 5, 15},
      {"a CPU came that had had no event",
       {{Step::on, 0, {0, 0}}, {Step::on, 50, {40, 40}}},
       60,
       {50, 50},
       10,
       0},
      {"perf is ahead of the profile", {{Step::on, 0, {0, 0}}}, 10, {12, 12}, 0, 0},
  };
  for (const Row& row : rows) {
    Attachment attachment;
    for (const Step& step : row.steps) {
      if (step.to == Step::on) {
        attachment.attached(step.hits, step.seen);
      } else {
        attachment.detached(step.hits, step.seen);
      }
    }
    const auto split = attachment.split(row.hits, row.seen);
    EXPECT_EQ(split.unattached, row.unattached) << row.what;
    EXPECT_EQ(split.kernel_dropped, row.dropped) << row.what;
  }
}

}  // namespace
}  // namespace kprobed::stream
