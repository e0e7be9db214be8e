// SPDX-License-Identifier: Apache-2.0
#include "symbols/event_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "temporary_files.h"

namespace kprobed::symbols {
namespace {

using testing::ElementsAre;

// Of the running 6.18.
constexpr std::string_view kOpenat =
    "name: sys_enter_openat\n"
    "ID: 782\n"
    "format:\n"
    "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
    "\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
    "\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
    "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
    "\n"
    "\tfield:int __syscall_nr;\toffset:8;\tsize:4;\tsigned:1;\n"
    "\tfield:int dfd;\toffset:16;\tsize:8;\tsigned:0;\n"
    "\tfield:const char * filename;\toffset:24;\tsize:8;\tsigned:0;\n"
    "\tfield:int flags;\toffset:32;\tsize:8;\tsigned:0;\n"
    "\tfield:umode_t mode;\toffset:40;\tsize:8;\tsigned:0;\n"
    "\n"
    "print fmt: \"dfd: 0x%08lx\", ((unsigned long)(REC->dfd))\n";

constexpr std::string_view kNoParameters =
    "name: sys_enter_getpid\nID: 1\nformat:\n"
    "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
    "\n"
    "\tfield:int __syscall_nr;\toffset:8;\tsize:4;\tsigned:1;\n"
    "\nprint fmt: \"\"\n";

std::vector<std::string> parameters(std::string_view format) {
  std::vector<std::string> texts;
  const auto found = syscall_parameters_in(format);
  if (!found) return {"none"};
  for (const auto& row : *found) texts.push_back(row.c_type + "|" + row.name);
  return texts;
}

TEST(EventFiles, TellASyscallsParameters) {
  EXPECT_THAT(parameters(kOpenat),
              ElementsAre("int|dfd", "const char *|filename", "int|flags", "umode_t|mode"));
  EXPECT_THAT(parameters(kNoParameters), ElementsAre());
  // Newer kernels append what the pointers point to.
  std::string newer(kOpenat);
  newer.insert(newer.find("\nprint fmt"),
               "\tfield:__data_loc char[] __filename_val;\toffset:48;\tsize:4;\tsigned:0;\n");
  EXPECT_THAT(parameters(newer),
              ElementsAre("int|dfd", "const char *|filename", "int|flags", "umode_t|mode"));
  std::string other(kOpenat);
  other.replace(other.find("__syscall_nr"), 12, "something_else");
  EXPECT_THAT(parameters(other), ElementsAre("none"));
  EXPECT_THAT(parameters("not a format file"), ElementsAre("none"));
  EXPECT_THAT(parameters(""), ElementsAre("none"));
}

TEST(EventFiles, AreFoundByNameAndNowhereElse) {
  const TemporaryFolder folder;
  folder.write("events/sched/sched_switch/format", "the text");
  folder.write("events/format", "not an event's");
  folder.write("format", "outside");
  folder.write("events/large/event/format", std::string((1u << 20) + 1, 'x'));
  const auto found = read_event_format(folder.path(), "sched", "sched_switch");
  ASSERT_TRUE(found.ok()) << describe(found.error());
  EXPECT_EQ(*found, "the text");
  struct Row {
    std::string root, group, event;
    ErrorCode code;
  };
  for (const Row& row : {
           Row{folder.path(), "sched", "sched_swich", ErrorCode::not_found},
           Row{folder.path(), "nothing", "sched_switch", ErrorCode::not_found},
           Row{folder.path(), "", "", ErrorCode::not_found},
           Row{folder.path(), "sched", "", ErrorCode::not_found},
           Row{folder.path(), "sched", "..", ErrorCode::not_found},
           Row{folder.path(), ".", "..", ErrorCode::not_found},
           Row{folder.path(), "..", ".", ErrorCode::not_found},
           Row{folder.path(), "sched/..", "sched", ErrorCode::not_found},
           Row{folder.path(), "sched", "../../../format", ErrorCode::not_found},
           Row{folder.path(), "sched", std::string("sched_switch\0x", 14), ErrorCode::not_found},
           Row{folder.path(), "sched", std::string(5000, 'x'), ErrorCode::not_found},
           Row{folder.path(), "large", "event", ErrorCode::io},
           Row{"", "sched", "sched_switch", ErrorCode::no_tracefs},
       }) {
    const auto text = read_event_format(row.root, row.group, row.event);
    ASSERT_FALSE(text.ok()) << row.group << "/" << row.event;
    EXPECT_EQ(word(text.error().code), word(row.code)) << row.group << "/" << row.event;
  }
}

TEST(EventFiles, SuggestWhatIsNear) {
  constexpr std::string_view available =
      "sched:sched_switch\n"
      "sched:sched_wakeup\n"
      "sched:sched_wakeup_new\n"
      "power:cpu_idle\n"
      "old:cpu_idle\n"
      "no_colon\n"
      "9p:x\n";
  struct Row {
    const char *group, *event;
    std::vector<std::string> near;
  };
  for (const Row& row : {
           Row{"sched", "sched_swich", {"sched/sched_switch"}},
           Row{"shed", "sched_switch", {"sched/sched_switch"}},
           Row{"task", "sched_wakeup", {"sched/sched_wakeup"}},  // the right event, another group
           Row{"pwoer", "cpu_idle", {"old/cpu_idle", "power/cpu_idle"}},
           Row{"sched", "entirely_different", {}},
           Row{"9p", "y", {"9p/x"}},
           Row{"", "", {}},
       }) {
    EXPECT_EQ(similar_events_in(available, row.group, row.event, 5), row.near) << row.event;
  }
  EXPECT_EQ(similar_events_in(available, "x", "cpu_idle", 1).size(), 1u);
}

}  // namespace
}  // namespace kprobed::symbols
