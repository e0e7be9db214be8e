// SPDX-License-Identifier: Apache-2.0
#include "resolve/tracepoint_place.h"

#include "fake_kernel.h"
#include "resolve_test_support.h"

namespace kprobed::resolve {
namespace {

constexpr std::string_view kSchedExit =
    "name: sched_process_exit\n"
    "ID: 310\n"
    "format:\n"
    "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
    "\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
    "\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
    "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
    "\n"
    "\tfield:char comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
    "\tfield:pid_t pid;\toffset:24;\tsize:4;\tsigned:1;\n"
    "\tfield:int prio;\toffset:28;\tsize:4;\tsigned:1;\n"
    "\n"
    "print fmt: \"comm=%s pid=%d prio=%d\", REC->comm, REC->pid, REC->prio\n";

FakeKernel with_events() {
  FakeKernel kernel(
      "ffffffff81000000 T _stext\n"
      "ffffffff81000100 T vfs_read\n"
      "ffffffff81000200 t twice\n"
      "ffffffff81000300 t __traceiter_sched_switch\n"
      "ffffffff81000400 t __traceiter_sys_enter\n"
      "ffffffff81001000 T _etext\n"
      "ffffffffc0000000 t twice [dummy]\n"
      "ffffffffc0000100 t dummy_xmit [dummy]\n");
  kernel.events[{"sched", "sched_process_exit"}] = kSchedExit;
  kernel.events[{"sched", "broken"}] = "name: broken\n";
  return kernel;
}

TEST(ExistingEvent, IsTakenAsItIs) {
  auto probe = resolve_text("t sched/sched_process_exit", with_events());
  ASSERT_TRUE(probe.ok()) << render(probe.error());
  EXPECT_EQ(probe->source, EventSource::existing);
  EXPECT_EQ(probe->event_group, "sched");
  EXPECT_EQ(probe->event_name, "sched_process_exit");
  EXPECT_EQ(probe->symbol, "sched/sched_process_exit");
  EXPECT_EQ(probe->fixed_bytes, 32u);
  EXPECT_EQ(probe->worst_bytes, 32u);
  EXPECT_TRUE(compose_lines(*probe, "g", "e").empty());
  EXPECT_EQ(remarks_of("t sched/sched_process_exit", with_events()), "");
}

TEST(ExistingEvent, IsRefusedWithTheReason) {
  const FakeKernel kernel = with_events();
  using enum ErrorCode;
  for (const Refusal& row : {
           Refusal{"t ^sched/sched_proces_exit", not_found, "sched/sched_proces_exit",
                   "no event 'sched/sched_proces_exit'",
                   "did you mean 't sched/sched_process_exit'?"},
           Refusal{"t ^nosuch/thing", not_found, "nosuch/thing", "no event", "tracefs"},
           Refusal{"t ^kprobed/p1", wrong_place, "kprobed/p1", "kprobed's own event"},
           Refusal{"t ^kprobed_run_12_34/e1", wrong_place, "kprobed_run_12_34/e1", "own event"},
           Refusal{"t ^sched/broken", malformed, "sched/broken", "no ID"},
       }) {
    expect_refusal(row, kernel);
  }
}

TEST(RawTracepoint, IsALineOfDynamicEvents) {
  FakeKernel kernel = with_events();
  EXPECT_EQ(line_of("t sched_switch", kernel), "t:g/e sched_switch");
  EXPECT_EQ(line_of("t sys_enter", kernel), "t:g/e sys_enter");
  using enum ErrorCode;
  for (const Refusal& row : {
           Refusal{"t ^sched_swich", not_found, "sched_swich", "no tracepoint 'sched_swich'",
                   "did you mean 'sched_switch'?"},
           Refusal{"t ^nosuch", not_found, "nosuch", "no tracepoint", "once it is loaded"},
       }) {
    expect_refusal(row, kernel);
  }
  kernel.kernel_features.tracepoint_probes = false;
  expect_refusal({"t ^sched_switch", unsupported, "sched_switch", "no probes on raw tracepoints",
                  "'t GROUP/sched_switch'"},
                 kernel);
  // Nothing is known of tracepoints, nor of features: the kernel will tell.
  FakeKernel blind("ffffffff81000000 T _stext\nffffffff81001000 T _etext\n");
  blind.kernel_features = {};
  EXPECT_EQ(line_of("t whatever", blind), "t:g/e whatever");
}

TEST(Fprobe, IsALineOfDynamicEvents) {
  FakeKernel kernel = with_events();
  struct Row {
    std::string_view text, line;
  };
  for (const Row& row : {
           Row{"f vfs_read", "f:g/e vfs_read"},
           Row{"f vfs_read%return rv", "f:g/e vfs_read%return rv=$retval:x64"},
           Row{"f dummy_xmit", "f:g/e dummy_xmit"},
           Row{"f dummy:dummy_xmit", "f:g/e dummy_xmit"},
       }) {
    EXPECT_EQ(line_of(row.text, kernel), row.line) << row.text;
  }
  auto probe = resolve_text("f dummy_xmit", kernel);
  ASSERT_TRUE(probe.ok()) << render(probe.error());
  EXPECT_EQ(probe->source, EventSource::dynamic);
  EXPECT_EQ(probe->module, "dummy");
  EXPECT_EQ(probe->address, 0xffffffffc0000100u);
}

TEST(Fprobe, IsRefusedWithTheReason) {
  FakeKernel kernel = with_events();
  kernel.untraceable.insert("vfs_read");
  using enum ErrorCode;
  for (const Refusal& row : {
           Refusal{"f ^vfs_red", symbol_not_found, "vfs_red", "no symbol 'vfs_red'", "'vfs_read'"},
           Refusal{"f ^vfs_read", bad_address, "vfs_read", "ftrace cannot trace 'vfs_read'",
                   "'p vfs_read'"},
           Refusal{"f ^twice", symbol_not_unique, "twice", "2 symbols are named 'twice'",
                   "goes by the name alone"},
           Refusal{"f dummy:^twice", symbol_not_unique, "twice", "2 symbols"},
           Refusal{"f dummy:^vfs_write", symbol_not_found, "vfs_write", "no symbol"},
           Refusal{"f veth:^veth_xmit", symbol_not_found, "veth_xmit", "does not wait",
                   "write 'p veth:veth_xmit'"},
       }) {
    expect_refusal(row, kernel);
  }
  kernel.kernel_features.fprobes = false;
  expect_refusal({"^f vfs_read%return", unsupported, "f", "no fprobe events", "write 'r vfs_read'"},
                 kernel);
}

}  // namespace
}  // namespace kprobed::resolve
