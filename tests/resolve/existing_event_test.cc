// SPDX-License-Identifier: Apache-2.0
//
// `t GROUP/EVENT`: fields of an event that the kernel has.
#include "typed_kernel.h"

namespace kprobed::resolve {
namespace {

FakeKernel kernel_with_events() {
  FakeKernel kernel = typed_kernel();
  // The shape of a real format file; offsets as 6.12 lays them out.
  kernel.events[{"sched", "sched_thing"}] =
      "name: sched_thing\n"
      "ID: 321\n"
      "format:\n"
      "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
      "\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
      "\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
      "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
      "\n"
      "\tfield:char prev_comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
      "\tfield:pid_t prev_pid;\toffset:24;\tsize:4;\tsigned:1;\n"
      "\tfield:void * where;\toffset:32;\tsize:8;\tsigned:0;\n"
      "\tfield:__data_loc char[] name;\toffset:40;\tsize:4;\tsigned:0;\n"
      "\tfield:u16 ports[3];\toffset:44;\tsize:6;\tsigned:0;\n"
      "\n"
      "print fmt: \"x\"\n";
  return kernel;
}

std::string fields_of(std::string_view text, const KernelView& kernel) {
  auto probe = resolve_text(text, kernel);
  if (!probe.ok()) return render(probe.error());
  std::string words;
  for (const ResolvedArg& arg : probe->args) {
    if (!words.empty()) words += " ";
    words += arg.name;
    if (arg.kernel_name != arg.name) words += "<-" + arg.kernel_name;
    words += ":" + shown(arg.shape);
    EXPECT_EQ(arg.fetch, "") << text;
    EXPECT_EQ(arg.kernel_type, "") << text;
  }
  return words;
}

TEST(ExistingEvent, GivesTheFieldsThatAreWanted) {
  const FakeKernel kernel = kernel_with_events();
  struct Row {
    std::string_view text, fields;
  };
  constexpr std::string_view kAll = "prev_comm:text{16} prev_pid:s where:x name:text ports:u[3]";
  for (const Row& row : {
           Row{"t sched/sched_thing", kAll},
           Row{"t sched/sched_thing $args", kAll},
           Row{"t sched/sched_thing prev_pid name", "prev_pid:s name:text"},
           Row{"t sched/sched_thing pid=prev_pid", "pid<-prev_pid:s"},
           // Shown otherwise, where the bytes allow.
           Row{"t sched/sched_thing prev_pid:x32", "prev_pid:x"},
           Row{"t sched/sched_thing prev_pid:uint", "prev_pid:u"},
           Row{"t sched/sched_thing where:symbol", "where:symbol"},
           Row{"t sched/sched_thing where:u64", "where:u"},
           Row{"t sched/sched_thing name:string", "name:text"},
           Row{"t sched/sched_thing prev_comm:string", "prev_comm:text{16}"},
           Row{"t sched/sched_thing ports:x16", "ports:x[3]"},
       }) {
    EXPECT_EQ(fields_of(row.text, kernel), row.fields) << row.text;
  }
}

TEST(ExistingEvent, HasNoPaddingAndIsExplained) {
  auto probe = resolve_text("t sched/sched_thing pid=prev_pid", kernel_with_events());
  ASSERT_TRUE(probe.ok()) << render(probe.error());
  EXPECT_TRUE(probe->padding.empty());
  EXPECT_EQ(probe->args[0].meaning, "field 'prev_pid' (pid_t) of sched/sched_thing");
  EXPECT_EQ(probe->args[0].unreadable, decode::Unreadable::never);
}

TEST(ExistingEvent, RefusesWhatItHasNot) {
  const FakeKernel kernel = kernel_with_events();
  using enum ErrorCode;
  for (const Refusal& row : {
           Refusal{"t sched/sched_thing ^prev_pi", not_found, "prev_pi", "no field 'prev_pi'",
                   "did you mean 'prev_pid'? its fields are prev_comm, prev_pid"},
           Refusal{"t sched/sched_thing ^zzz", not_found, "zzz", "", "its fields are prev_comm"},
           Refusal{"t sched/sched_thing ^common_pid", not_found, "common_pid", "no field"},
           Refusal{"t sched/sched_thing ^$comm", wrong_place, "$comm", "every event tells",
                   "leave $comm out"},
           Refusal{"t sched/sched_thing prev_pid:^u64", wrong_place, "u64",
                   "'prev_pid' is pid_t of 4 bytes", "leave out the type"},
           Refusal{"t sched/sched_thing prev_pid:^string", wrong_place, "string", "cannot be read"},
           Refusal{"t sched/sched_thing name:^u32", wrong_place, "u32", "cannot be read as u32"},
           Refusal{"t sched/sched_thing prev_pid ^$args", name_used, "$args", "called 'prev_pid'"},
       }) {
    expect_refusal(row, kernel);
  }
}

}  // namespace
}  // namespace kprobed::resolve
