// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>

#include "make_event.h"
#include "stream/text_lines.h"

namespace kprobed::stream {
namespace {

using test::Arg;
using test::FewNames;
using test::OneEvent;
using test::Show;

// i386, as in 2009.
constexpr std::uint64_t kDoSysOpen = 0xc0486900, kSysOpen = 0xc0486a80;

std::vector<Arg> hex_args(const std::vector<std::uint64_t>& values) {
  std::vector<Arg> args;
  for (const std::uint64_t value : values)
    args.push_back({"a" + std::to_string(args.size() + 1), Show::hex, 4, value});
  return args;
}

TEST(TraceLinesTest, TheMailOf2009ByteForByte) {
  struct Row {
    char kind;
    std::uint32_t tid;
    std::uint64_t time_us;
    std::vector<std::uint64_t> args;
  };
  const Row rows[] = {
      {'p', 2376, 262'389'131, {0xffffff9c, 0x98db83e, 0x8880, 0x0}},
      {'r', 2376, 262'391'166, {0x5, 0xc06e8ebb}},
      {'p', 2376, 264'384'876, {0xffffff9c, 0x98db83e, 0x8880, 0x0}},
      {'r', 2376, 264'386'880, {0x5, 0xc06e8ebb}},
      {'p', 2084, 265'380'330, {0xffffff9c, 0x804be3e, 0x0, 0x1b6}},
      {'r', 2084, 265'380'399, {0x3, 0xc06e8ebb}},
  };
  const FewNames names({{kDoSysOpen, "do_sys_open"}, {kSysOpen, "sys_open"}});
  TraceLines lines(names);
  std::string out = TraceLines::header();
  for (const Row& row : rows) {
    OneEvent one({"probe", row.kind, "do_sys_open", 0, ""}, hex_args(row.args), kDoSysOpen,
                 kSysOpen + 0x1e, ByteOrder::little, 4);
    one.event.stamp = {
        .id = 5, .pid = 2000, .tid = row.tid, .time_ns = row.time_us * 1000, .cpu = 1};
    EXPECT_TRUE(lines.event(one.event, out));
  }

  std::ifstream mail(KPROBED_TEST_DATA "/rfc-2009-lines.txt");
  std::string expected;
  for (std::string line; std::getline(mail, line);)
    if (!line.starts_with("##")) expected += line + "\n";
  ASSERT_FALSE(expected.empty());
  EXPECT_EQ(out, expected);
}

TEST(TraceLinesTest, Events) {
  struct Row {
    const char* name;
    ProbeLabel label;
    std::vector<Arg> args;
    std::uint64_t ip, ret_ip;
    decode::Stamp stamp;
    std::string_view comm;
    const char* line;
  };
  const FewNames names({{kDoSysOpen, "do_sys_open"}, {kSysOpen, "sys_open"}});
  const ProbeLabel entry{"e", 'p', "do_sys_open", 12, ""}, back{"r", 'r', "do_sys_open", 0, ""};
  const ProbeLabel address{"a", 'p', "", 0, ""}, address_back{"b", 'r', "", 0, ""};
  const decode::Stamp stamp{.id = 5, .pid = 7, .tid = 8, .time_ns = 1'000'000'000, .cpu = 0};
  const Row rows[] = {
      {"an offset is decimal",
       entry,
       {},
       kDoSysOpen + 12,
       0,
       stamp,
       "cat",
       "             cat-8     [000]     1.000000: do_sys_open: @do_sys_open+12"},
      {"a probe without a symbol",
       address,
       {},
       kSysOpen + 4,
       0,
       stamp,
       "cat",
       "             cat-8     [000]     1.000000: sys_open: @0xc0486a84+0"},
      {"outside all text",
       address,
       {},
       0xdead,
       0,
       stamp,
       "cat",
       "             cat-8     [000]     1.000000: 0xdead: @0xdead+0"},
      {"an unknown caller",
       back,
       {},
       kDoSysOpen,
       0xdead,
       stamp,
       "cat",
       "             cat-8     [000]     1.000000: 0xdead: <-do_sys_open+0"},
      {"nothing known on return",
       address_back,
       {},
       0xbeef,
       0xdead,
       stamp,
       "cat",
       "             cat-8     [000]     1.000000: 0xdead: <-0xbeef+0"},
      {"wide columns",
       entry,
       {},
       kDoSysOpen,
       0,
       {.id = 5, .pid = 7, .tid = 4194304, .time_ns = 123456'999'999'499, .cpu = 1023},
       "fifteen-bytes-x",
       " fifteen-bytes-x-4194304 [1023] 123456.999999: do_sys_open: @do_sys_open+12"},
      {"rounded as the kernel rounds",
       entry,
       {},
       kDoSysOpen,
       0,
       {.id = 5, .pid = 7, .tid = 8, .time_ns = 1'999'999'500, .cpu = 12},
       "cat",
       "             cat-8     [012]     2.000000: do_sys_open: @do_sys_open+12"},
      {"the end of time",
       entry,
       {},
       kDoSysOpen,
       0,
       {.id = 5, .pid = 7, .tid = 8, .time_ns = UINT64_MAX, .cpu = 12},
       "cat",
       "             cat-8     [012] 18446744073.709552: do_sys_open: @do_sys_open+12"},
      {"values",
       entry,
       {{"u", Show::unsigned_number, 8, UINT64_MAX},
        {"s", Show::signed_number, 4, 0xffffffff},
        {"x", Show::hex, 2, 0x1b6},
        {"t", Show::text, 4, 0, "/a \"b\"\\"},
        {"e", Show::text},
        {"f", Show::text, 4, 0, "", true}},
       kDoSysOpen,
       0,
       stamp,
       "cat",
       "             cat-8     [000]     1.000000: do_sys_open: @do_sys_open+12 "
       R"(18446744073709551615 -1 0x1b6 "/a \"b\"\\" "" (fault))"},
      {"values of every shape, as the kernel's trace file has them",
       entry,
       {test::numbers("w", Show::hex, 8, {0xffffffff8144041f, 0}),
        test::numbers("b", Show::unsigned_number, 1, {31, 4, 68}),
        test::numbers("s", Show::signed_number, 2, {0xffff}),
        test::texts("n", {{.name = "", .text = "HOME=/"}, {.name = "", .fault = true}}),
        test::dynamic_numbers("d", Show::hex, 4, {1, 2}),
        test::dynamic_numbers("z", Show::hex, 4, {}),
        test::text_in_place("t", 4, "abcdef"),
        {"c", Show::character, 1, 'x'},
        {"y", Show::symbol, 8, kSysOpen + 4},
        {"u", Show::symbol, 8, 0xdead}},
       kDoSysOpen,
       0,
       stamp,
       "cat",
       "             cat-8     [000]     1.000000: do_sys_open: @do_sys_open+12 "
       R"({0xffffffff8144041f,0x0} {31,4,68} {-1} {"HOME=/",(fault)} {0x1,0x2} {} "abcd" 'x' )"
       "sys_open+0x4/0x100 0xdead"},
      {"the kernel knows no names of numbers",
       entry,
       {{"b", Show::boolean, 1, 1},
        test::enumeration("e", 4, 1, true, {{1, "REL"}}),
        test::enumeration("n", 4, 0xffffffff, true, {{1, "REL"}}),
        test::enumeration("m", 4, 0xffffffff, false, {{1, "REL"}})},
       kDoSysOpen,
       0,
       stamp,
       "cat",
       "             cat-8     [000]     1.000000: do_sys_open: @do_sys_open+12 1 1 -1 4294967295"},
      {"a tracepoint",
       {"s", 't', "sched/sched_switch", 0, ""},
       {{"pid", Show::signed_number, 4, 7}},
       0,
       0,
       stamp,
       "cat",
       "             cat-8     [000]     1.000000: sched/sched_switch: 7"},
      {"addresses of a program are no kernel symbols",
       {"u", 'r', "main", 0, "", "/bin/cat"},
       {{"y", Show::symbol, 8, kSysOpen}},
       kDoSysOpen,
       kSysOpen,
       stamp,
       "cat",
       "             cat-8     [000]     1.000000: 0xc0486a80: <-main+0 0xc0486a80"},
      {"odd characters",
       entry,
       {{"n", Show::character, 1, 0}, {"h", Show::character, 1, 0xff}},
       kDoSysOpen,
       0,
       stamp,
       "cat",
       R"(             cat-8     [000]     1.000000: do_sys_open: @do_sys_open+12 '\x00' '\xff')"},
      {"nothing reaches the terminal",
       entry,
       {{"t", Show::text, 4, 0, "\x1b[2J\xff"}},
       kDoSysOpen,
       0,
       stamp,
       "a\nb",
       R"(          a\x0ab-8     [000]     1.000000: do_sys_open: @do_sys_open+12 "\x1b[2J\xff")"},
  };
  TraceLines lines(names);
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    OneEvent one(row.label, row.args, row.ip, row.ret_ip);
    one.event.stamp = row.stamp;
    one.event.comm = row.comm;
    std::string out;
    EXPECT_TRUE(lines.event(one.event, out));
    EXPECT_EQ(out, std::string(row.line) + "\n");
  }
}

TEST(TraceLinesTest, AnEventWithoutKernelWords) {
  const FewNames names({});
  TraceLines lines(names);
  OneEvent one({"b", 'r', "", 0, ""}, {}, 1, 2);
  one.plan.fields.func.reset();
  one.plan.fields.ret_ip.reset();
  std::string out;
  EXPECT_TRUE(lines.event(one.event, out));
  EXPECT_EQ(out, "           <...>-0     [000]     0.000000: ?: <-?+0\n");
}

TEST(TraceLinesTest, OneOfSeveralFunctions) {
  const FewNames names({{kDoSysOpen, "do_sys_open"}, {kSysOpen, "sys_open"}});
  TraceLines lines(names);
  OneEvent one({"opens", 'p', "*sys_open", 0, ""}, {}, kSysOpen + 4);
  one.plan.members = {{kDoSysOpen, kDoSysOpen + 0x40, "do_sys_open"},
                      {kSysOpen, kSysOpen + 0x40, "sys_open"}};
  std::string out;
  EXPECT_TRUE(lines.event(one.event, out));
  EXPECT_EQ(out, "           <...>-0     [000]     0.000000: sys_open: @sys_open+0\n");
}

TEST(TraceLinesTest, AnFprobeOnReturn) {
  const FewNames names({{kSysOpen, "sys_open"}});
  TraceLines lines(names);
  OneEvent one({"b", 'r', "do_sys_open", 0, ""}, {}, kDoSysOpen, kSysOpen + 4);
  one.plan.label.kind = 'f';
  std::string out;
  EXPECT_TRUE(lines.event(one.event, out));
  EXPECT_EQ(out, "           <...>-0     [000]     0.000000: sys_open: <-do_sys_open+0\n");
}

TEST(TraceLinesTest, LostAndMalformed) {
  const FewNames names({});
  TraceLines lines(names);
  std::string out;
  lines.lost({{.time_ns = 1, .cpu = 3}, 9, 37}, out);
  EXPECT_EQ(out, "CPU:3 [LOST 37 EVENTS]\n");
  OneEvent stray({"e", 'p', "f", 0, ""}, {{"t", Show::text, 4, 0, "x", false, true}}, 1);
  EXPECT_FALSE(lines.event(stray.event, out));
  EXPECT_EQ(out, "CPU:3 [LOST 37 EVENTS]\n");
}

}  // namespace
}  // namespace kprobed::stream
