// SPDX-License-Identifier: Apache-2.0
#include "symbols/kernel_lists.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kprobed::symbols {
namespace {

using testing::ElementsAre;
using testing::Optional;

// Debian's 6.12, and what nests: a function inside of a section that is listed too.
constexpr std::string_view kBlacklist =
    "0xffffffffaf008940-0xffffffffaf008970\twarn_thunk_thunk\n"
    "0xffffffffafe01030-0xffffffffafe01050\tasm_exc_divide_error\n"
    "0xffffffffafe00000-0xffffffffafe02000\t__entry_text_start\n"
    "0xffffffffc0400000-0xffffffffc0400010\tin_a_module\n"
    "no range at all\n"
    "0xffff-0x\tno end\n"
    "0xffffffffaf000000-0xffffffffaf000000\tempty\n";

TEST(Blacklist, HasRanges) {
  const auto list = Blacklist::parse(kBlacklist);
  ASSERT_TRUE(list);
  struct Row {
    std::uint64_t address;
    bool listed;
  };
  for (const Row& row : {
           Row{0xffffffffaf00893f, false},
           Row{0xffffffffaf008940, true},
           Row{0xffffffffaf00896f, true},
           Row{0xffffffffaf008970, false},
           Row{0xffffffffafe00000, true},
           Row{0xffffffffafe01030, true},
           Row{0xffffffffafe01050, true},  // behind the inner range, inside the outer
           Row{0xffffffffafe01fff, true},
           Row{0xffffffffafe02000, false},
           Row{0xffffffffc0400008, true},
           Row{0xffffffffaf000000, false},
           Row{0, false},
           Row{~std::uint64_t{0}, false},
       }) {
    EXPECT_EQ(list->contains(row.address), row.listed) << std::hex << row.address;
  }
}

TEST(Blacklist, OfHiddenAddressesIsNone) {
  EXPECT_FALSE(Blacklist::parse("0x0000000000000000-0x0000000000000000\twarn_thunk_thunk\n"));
  ASSERT_TRUE(Blacklist::parse(""));
  EXPECT_FALSE(Blacklist::parse("")->contains(0x1000));
}

TEST(ProbeList, HasAddressesInOrder) {
  EXPECT_THAT(parse_probe_list("ffffffff88f4cc74  k  vfs_read+0x24    \n"
                               "ffffffff88f4cc6c  k  vfs_read+0x1c    [OPTIMIZED]\n"
                               "ffffffffc0280000  r  dummy_xmit+0x0  dummy [DISABLED][FTRACE]\n"
                               "nonsense\n"
                               "\n"),
              Optional(ElementsAre(0xffffffff88f4cc6c, 0xffffffff88f4cc74, 0xffffffffc0280000)));
  EXPECT_THAT(parse_probe_list(""), Optional(ElementsAre()));
  EXPECT_FALSE(parse_probe_list("0000000000000000  k  vfs_read+0x24    \n"));
}

TEST(TraceableList, HasWholeNames) {
  const TraceableList list(
      "vfs_read\n"
      "finish_task_switch\n"
      "dummy_xmit [dummy]\n"
      "\n"
      "last_one");
  EXPECT_FALSE(list.empty());
  struct Row {
    std::string_view name;
    bool listed;
  };
  for (const Row& row : {
           Row{"vfs_read", true},
           Row{"vfs_rea", false},
           Row{"fs_read", false},
           Row{"vfs_readv", false},
           Row{"dummy_xmit", true},
           Row{"dummy", false},
           Row{"[dummy]", false},
           Row{"last_one", true},
           Row{"", false},
       }) {
    EXPECT_EQ(list.contains(row.name), row.listed) << row.name;
  }
  EXPECT_TRUE(TraceableList("\n").empty());
}

}  // namespace
}  // namespace kprobed::symbols
