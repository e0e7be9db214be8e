// SPDX-License-Identifier: Apache-2.0
#include "stream/probe_directory.h"

#include <gtest/gtest.h>

namespace kprobed::stream {
namespace {

TEST(ProbeDirectory, NumbersAreNeverReused) {
  ProbeDirectory directory;
  EXPECT_EQ(directory.add("a", "A\n"), 1u);
  EXPECT_EQ(directory.add("b", "B\n"), 2u);
  directory.retire(2, 0);
  directory.forget(1);
  directory.forget(1);
  EXPECT_EQ(directory.name(2), "");
  EXPECT_EQ(directory.add("b", "B\n"), 3u);
  EXPECT_EQ(directory.name(1), "a");
  EXPECT_EQ(directory.schema_line(3), "B\n");
  EXPECT_EQ(directory.name(0), "");
  EXPECT_EQ(directory.name(4), "");
}

TEST(ProbeDirectory, ForgetsWhatHasLeftTheLogAtTheCallAfter) {
  const struct {
    std::uint64_t end, oldest, oldest_then;
    bool known;
  } rows[] = {
      {10, 9, 9, true},     // its last line, 9, is still there
      {10, 10, 10, false},  //
      {10, 9, 20, true},    // had not left at the call before
      {10, 20, 21, false},  //
  };
  for (const auto& row : rows) {
    ProbeDirectory directory;
    directory.add("stays", "S\n");
    directory.add("goes", "G\n");
    directory.retire(2, row.end);
    directory.forget(row.oldest);
    EXPECT_EQ(directory.name(2), "goes");
    directory.forget(row.oldest_then);
    EXPECT_EQ(directory.name(2), row.known ? "goes" : "");
    EXPECT_EQ(directory.schema_line(2), row.known ? "G\n" : "");
    EXPECT_EQ(directory.name(1), "stays");
  }
}

}  // namespace
}  // namespace kprobed::stream
