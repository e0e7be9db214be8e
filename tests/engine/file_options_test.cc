// SPDX-License-Identifier: Apache-2.0
#include "engine/file_options.h"

#include <gmock/gmock.h>

namespace kprobed::engine {
namespace {

TEST(FileOptions, AreTakenOutAndLeaveAllElseInItsPlace) {
  struct Row {
    std::string text, left;
    std::set<std::uint32_t> pending;
  };
  for (const Row& row : {
           Row{"p a\npending p b\np c\n", "p a\n        p b\np c\n", {2}},
           Row{"  pending\tr b rv", "         \tr b rv", {1}},
           Row{"pending p a\npending p b", "        p a\n        p b", {1, 2}},
           // Not the word, or not before a spec: the parser says what is wrong with it.
           Row{"pendingp a\nPending p a\np pending\npending\n",
               "pendingp a\nPending p a\np pending\npending\n",
               {}},
           Row{"# pending p a\n", "# pending p a\n", {}},
           Row{"", "", {}},
       }) {
    const FileOptions options = take_options(std::make_shared<const Source>(Source{"f", row.text}));
    EXPECT_EQ(options.specs->text, row.left);
    EXPECT_EQ(options.specs->name, "f");
    EXPECT_EQ(options.pending, row.pending) << row.text;
  }
}

}  // namespace
}  // namespace kprobed::engine
