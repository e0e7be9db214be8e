// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/event_table.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <ctime>

#include "stream/text_lines.h"

namespace kprobed::kprobectl {
namespace {

using wire::EventLine;

/// Times of day are local; the tests live in UTC.
class EventTableTest : public testing::Test {
 protected:
  EventTableTest() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
};

EventLine entry() {
  EventLine event;
  event.seq = 812;
  event.ts = 262'389'131'000;
  event.time = "2026-11-23T03:14:05.262389131Z";
  event.comm = "bash";
  event.probe = "do_sys_openat2";
  event.kind = "p";
  event.symbol = "do_sys_openat2";
  event.cpu = 1;
  event.pid = 2370;
  event.tid = 2376;
  event.args = {{.name = "a1", .value = "0xffffff9c"}, {.name = "n", .value = "-3"}};
  return event;
}

EventLine on_return() {
  EventLine event = entry();
  event.probe = "do_sys_openat2_ret";
  event.kind = "r";
  event.caller = "do_sys_open";
  event.caller_offset = 77;
  event.args = {{.name = "rv", .value = "5"}};
  return event;
}

wire::ProbeLine probe_line(const char* time, const char* name, const char* state,
                           const char* reason) {
  wire::ProbeLine line;
  line.time = time;
  line.probe = name;
  line.state = state;
  line.reason = reason;
  return line;
}

template <typename Change>
EventLine changed(EventLine event, Change change) {
  change(event);
  return event;
}

std::string table(const wire::StreamLine& line) {
  std::string out;
  EventTable().append(line, out);
  return out;
}
std::string trace(const wire::StreamLine& line) {
  std::string out;
  EventTrace::append(line, out);
  return out;
}

TEST_F(EventTableTest, Rows) {
  const struct {
    EventLine event;
    const char* row;
  } rows[] = {
      {entry(),
       "03:14:05.262389   1    2370 bash            do_sys_openat2           a1=0xffffff9c n=-3\n"},
      {on_return(),
       "03:14:05.262389   1    2370 bash            do_sys_openat2_ret       rv=5 "
       "<- do_sys_open+0x4d\n"},
      {changed(on_return(),
               [](EventLine& e) {
                 e.caller = "";
                 e.caller_address = "0xffffffff81000000";
               }),
       "03:14:05.262389   1    2370 bash            do_sys_openat2_ret       rv=5 "
       "<- 0xffffffff81000000\n"},
      {changed(on_return(), [](EventLine& e) { e.caller = ""; }),
       "03:14:05.262389   1    2370 bash            do_sys_openat2_ret       rv=5 <- ?\n"},
      {changed(entry(),
               [](EventLine& e) {
                 e.comm = "";
                 e.late = true;
                 e.args.clear();
               }),
       "03:14:05.262389   1    2370 <...>           do_sys_openat2           (late)\n"},
      {changed(entry(),
               [](EventLine& e) {
                 e.args = {{.name = "f", .value = "efault", .fault = true},
                           {.name = "s", .value = "a \"b\" \\", .quoted = true},
                           {.name = "x", .value = "", .quoted = true}};
               }),
       "03:14:05.262389   1    2370 bash            do_sys_openat2           f=(fault) "
       "s=\"a \\\"b\\\" \\\\\" x=\"\"\n"},
      {changed(entry(),
               [](EventLine& e) {
                 e.args = {{.name = "c", .value = "x", .quoted = true, .format = "character"},
                           {.name = "b", .value = "true", .format = "boolean"},
                           {.name = "e", .value = "HRTIMER_MODE_REL", .format = "enumeration"},
                           {.name = "n", .array = true, .elements = {{"1"}, {"-2"}}},
                           {.name = "s",
                            .quoted = true,
                            .format = "text",
                            .array = true,
                            .elements = {{"a b"}, {"null", true}}}};
               }),
       "03:14:05.262389   1    2370 bash            do_sys_openat2           c='x' b=true "
       "e=HRTIMER_MODE_REL n={1,-2} s={\"a b\",(fault)}\n"},
      // Of a probe with several functions the one that was hit.
      {changed(entry(),
               [](EventLine& e) {
                 e.probe = "tcp_v4_*";
                 e.symbol = "tcp_v4_rcv";
                 e.several = true;
                 e.args.clear();
               }),
       "03:14:05.262389   1    2370 bash            tcp_v4_*                 @tcp_v4_rcv\n"},
      // A time that is none is still shown.
      {changed(entry(),
               [](EventLine& e) {
                 e.time = "2026-13-01T00:00:00.000000000Z";
                 e.args.clear();
               }),
       "2026-13-01T00:00:00.000000000Z   1    2370 bash            do_sys_openat2          \n"},
  };
  for (const auto& row : rows) EXPECT_EQ(table(row.event), row.row);
}

TEST_F(EventTableTest, ColumnsStandUnderTheirHeads) {
  const std::string header = EventTable::header();
  const std::string row = table(entry());
  const auto ends = [](const std::string& text, const char* word) {
    return text.find(word) + std::string_view(word).size();
  };
  EXPECT_EQ(ends(header, "CPU"), ends(row, "   1"));
  EXPECT_EQ(ends(header, "PID"), ends(row, "2370"));
  EXPECT_EQ(header.find("COMM"), row.find("bash"));
  EXPECT_EQ(header.find("PROBE"), row.find("do_sys_openat2"));
  EXPECT_EQ(header.find("ARGUMENTS"), row.find("a1="));
}

TEST_F(EventTableTest, TraceLines) {
  const struct {
    EventLine event;
    const char* line;
  } rows[] = {
      {entry(),
       "            bash-2376  [001]   262.389131: do_sys_openat2: @do_sys_openat2+0 "
       "0xffffff9c -3\n"},
      {on_return(),
       "            bash-2376  [001]   262.389131: do_sys_open: <-do_sys_openat2+0 5\n"},
      {changed(entry(),
               [](EventLine& e) {
                 e.kind = "t";
                 e.symbol = "sched/sched_switch";
                 e.args = {{.name = "b", .value = "true", .format = "boolean"},
                           {.name = "n", .array = true, .elements = {{"0x1"}, {"0x2"}}}};
               }),
       "            bash-2376  [001]   262.389131: sched/sched_switch: 1 {0x1,0x2}\n"},
      {changed(entry(),
               [](EventLine& e) {
                 e.comm = "";
                 e.offset = 4;
                 e.cpu = 1000;
                 e.tid = 1234567;
                 e.ts = 1'999'999'600;  // rounded, as the kernel does
                 e.args = {{.name = "s", .value = "0x1f", .quoted = true}};
               }),
       "           <...>-1234567 [1000]     2.000000: do_sys_openat2: @do_sys_openat2+4 "
       "\"0x1f\"\n"},
      {changed(on_return(),
               [](EventLine& e) {
                 e.caller = "";
                 e.symbol = "";
                 e.args = {{.name = "s", .value = "efault", .fault = true}};
               }),
       "            bash-2376  [001]   262.389131: ?: <-?+0 (fault)\n"},
  };
  for (const auto& row : rows) EXPECT_EQ(trace(row.event), row.line);
}

TEST_F(EventTableTest, NewsOfTheStreamInBothForms) {
  const std::string time = "2026-11-23T03:14:05.262389131Z";
  const struct {
    wire::StreamLine line;
    const char* table;
    const char* trace;
  } rows[] = {
      {wire::LostLine{.time = time, .cpu = 1, .count = 37}, "03:14:05.262389   1  lost 37 events\n",
       "CPU:1 [LOST 37 EVENTS]\n"},
      {wire::LostLine{.time = time, .cpu = 0, .count = 1}, "03:14:05.262389   0  lost 1 event\n",
       "CPU:0 [LOST 1 EVENTS]\n"},
      {wire::DroppedLine{.from = 1000, .to = 2999},
       "                     dropped 2,000 lines (seq 1000 to 2999): this reader was too slow\n",
       "# dropped 2,000 lines (seq 1000 to 2999): this reader was too slow\n"},
      {probe_line(time.c_str(), "a", "disabled", ""), "03:14:05.262389      probe a: disabled\n",
       "# probe a: disabled\n"},
      {probe_line(time.c_str(), "a", "removed", "time is over"),
       "03:14:05.262389      probe a: removed (time is over)\n",
       "# probe a: removed (time is over)\n"},
      {wire::CpuLine{.time = time, .cpu = 1, .state = "online", .reason = "its events had ended"},
       "03:14:05.262389      CPU 1: online (its events had ended)\n",
       "# CPU 1: online (its events had ended)\n"},
      {wire::DiscardedLine{.time = time, .probe = "a", .count = 1, .reason = "of another build"},
       "03:14:05.262389      1 event of a left out: of another build\n",
       "# 1 event of a left out: of another build\n"},
      {wire::ClockLine{.time = time, .step_ns = -1'500'000'000},
       "03:14:05.262389      clock: the wall clock was set by -1.500000 s\n",
       "# clock: the wall clock was set by -1.500000 s\n"},
      {wire::GapLine{.stream = "s2", .from = 1, .reason = "restart"},
       "                     gap: kprobed was restarted; what was in between is missing, going on "
       "in stream s2 from seq 1\n",
       "# gap: kprobed was restarted; what was in between is missing, going on in stream s2 from "
       "seq 1\n"},
      {wire::SchemaLine{}, "", ""},
      {wire::UnknownLine{.type = "new"}, "", ""},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(table(row.line), row.table);
    EXPECT_EQ(trace(row.line), row.trace);
  }
}

// What a traced process can choose, and what a hostile thing on the socket could.
TEST_F(EventTableTest, NothingReachesTheTerminalButText) {
  const std::string attack = "\x1b]0;x\a\n\r\x7f\xc2\x9b\xe2\x80\xae\xff";
  const EventLine event = changed(on_return(), [&](EventLine& e) {
    e.comm = e.probe = e.symbol = e.caller = e.time = attack;
    e.args = {{.name = attack, .value = attack, .quoted = true},
              {.name = "h", .value = attack, .quoted = false}};
  });
  const wire::StreamLine lines[] = {
      event,
      changed(event,
              [&](EventLine& e) {
                e.caller = "";
                e.caller_address = attack;
              }),
      probe_line(attack.c_str(), attack.c_str(), attack.c_str(), attack.c_str()),
      wire::GapLine{.stream = attack, .from = 1, .reason = attack},
      wire::LostLine{.time = attack},
      wire::CpuLine{.time = attack, .state = attack, .reason = attack},
      wire::DiscardedLine{.time = attack, .probe = attack, .reason = attack},
      wire::ClockLine{.time = attack},
  };
  for (const auto& line : lines) {
    for (std::string text : {table(line), trace(line)}) {
      ASSERT_TRUE(text.ends_with('\n'));
      text.pop_back();
      for (const char c : text) ASSERT_TRUE(c >= 0x20 && c < 0x7f) << text;
    }
  }
}

}  // namespace
}  // namespace kprobed::kprobectl
