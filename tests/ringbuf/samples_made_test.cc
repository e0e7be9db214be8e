// SPDX-License-Identifier: Apache-2.0
#include "ringbuf/samples_made.h"

#include <gtest/gtest.h>

#include <ostream>

namespace kprobed::ringbuf {

void PrintTo(const Bounds& bounds, std::ostream* out) {
  *out << bounds.least << " to " << bounds.most;
}

namespace {

TEST(SamplesMade, EveryHitWithoutAPeriod) {
  EXPECT_EQ(SamplesMade().of(0), (Bounds{0, 0}));
  EXPECT_EQ(SamplesMade().of(1000), (Bounds{1000, 1000}));
}

TEST(SamplesMade, OneInEightFromAHundredOn) {
  const struct {
    std::uint64_t hits, made;
  } rows[] = {{100, 100}, {101, 100}, {107, 100}, {108, 101}, {115, 101}, {900, 200}};
  SamplesMade made;
  made.changed(8, 100, 100);
  for (const auto& row : rows)
    EXPECT_EQ(made.of(row.hits), (Bounds{row.made, row.made})) << row.hits;
  // Every hit again, and three during that change of which nobody knows.
  made.changed(1, 900, 903);
  EXPECT_EQ(made.of(903), (Bounds{200, 206}));
  EXPECT_EQ(made.of(1000), (Bounds{297, 303}));
}

TEST(SamplesMade, CountedOnly) {
  SamplesMade made;
  made.changed(std::uint64_t{1} << 62, 0, 0);
  EXPECT_EQ(made.of(1'000'000), (Bounds{0, 0}));
}

TEST(SamplesMade, ACountThatSeemsToGoBackAddsNothing) {
  SamplesMade made;
  made.changed(4, 100, 100);
  EXPECT_EQ(made.of(99), (Bounds{100, 100}));
  made.changed(1, 98, 97);
  EXPECT_EQ(made.of(97), (Bounds{100, 100}));
}

}  // namespace
}  // namespace kprobed::ringbuf
