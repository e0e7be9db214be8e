// SPDX-License-Identifier: Apache-2.0
#include "stream/text_lines.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <fstream>

#include "make_event.h"
#include "stream/terminal_text.h"

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
    one.event.stamp = {row.time_us * 1000, 2000, row.tid, 1, 5};
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
  const decode::Stamp stamp{1'000'000'000, 7, 8, 0, 5};
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
       {123456'999'999'499, 7, 4194304, 1023, 5},
       "fifteen-bytes-x",
       " fifteen-bytes-x-4194304 [1023] 123456.999999: do_sys_open: @do_sys_open+12"},
      {"rounded as the kernel rounds",
       entry,
       {},
       kDoSysOpen,
       0,
       {1'999'999'500, 7, 8, 12, 5},
       "cat",
       "             cat-8     [012]     2.000000: do_sys_open: @do_sys_open+12"},
      {"the end of time",
       entry,
       {},
       kDoSysOpen,
       0,
       {UINT64_MAX, 7, 8, 12, 5},
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

TEST(TraceLinesTest, LostAndMalformed) {
  const FewNames names({});
  TraceLines lines(names);
  std::string out;
  lines.lost({{1, 0, 0, 3, 0}, 9, 37}, out);
  EXPECT_EQ(out, "CPU:3 [LOST 37 EVENTS]\n");
  OneEvent stray({"e", 'p', "f", 0, ""}, {{"t", Show::text, 4, 0, "x", false, true}}, 1);
  EXPECT_FALSE(lines.event(stray.event, out));
  EXPECT_EQ(out, "CPU:3 [LOST 37 EVENTS]\n");
}

class TableLinesTest : public testing::Test {
 protected:
  TableLinesTest() {
    setenv("TZ", "IST-5:30", 1);
    tzset();
    clock_.set_offset(1'795'403'645'000'000'000);  // 2026-11-23T03:14:05Z
  }
  ~TableLinesTest() override {
    unsetenv("TZ");
    tzset();
  }

  FewNames names_{{{kSysOpen, "sys_open"}}};
  WallClock clock_;
  TableLines lines_{names_, clock_};
};

TEST_F(TableLinesTest, Rows) {
  struct Row {
    ProbeLabel label;
    std::vector<Arg> args;
    std::uint64_t ret_ip;
    decode::Stamp stamp;
    std::string_view comm;
    bool late;
    const char* line;
  };
  const ProbeLabel entry{"do_sys_openat2", 'p', "do_sys_openat2", 0, ""};
  const ProbeLabel back{"do_sys_openat2_ret", 'r', "do_sys_openat2", 0, ""};
  const decode::Stamp stamp{262'389'131, 2376, 2377, 1, 5};
  const Row rows[] = {
      {entry,
       {{"dfd", Show::signed_number, 4, 0xffffff9c}, {"name", Show::text, 4, 0, "/etc/x"}},
       0,
       stamp,
       "bash",
       false,
       R"(08:44:05.262389   1    2376 bash            do_sys_openat2           dfd=-100 name="/etc/x")"},
      {back,
       {{"rv", Show::hex, 8, 5}},
       kSysOpen + 0x1e,
       stamp,
       "",
       true,
       "08:44:05.262389   1    2376 <...>           do_sys_openat2_ret       rv=0x5 "
       "<- sys_open+0x1e (late)"},
      {back,
       {},
       0xdead,
       stamp,
       "cat",
       false,
       "08:44:05.262389   1    2376 cat             do_sys_openat2_ret       <- 0xdead"},
      {{"a_name_that_is_longer_than_its_column", 'p', "f", 0, ""},
       {{"x", Show::text, 4, 0, "", true}},
       0,
       {0, 4194304, 1, 4095, 5},
       "e\x1b[31mvil\x9b"
       "2J",
       false,
       R"(08:44:05.000000 4095 4194304 e\x1b[31mvil\x9b2J a_name_that_is_longer_than_its_column )"
       "x=(fault)"},
  };
  EXPECT_EQ(TableLines::header(),
            "TIME            CPU     PID COMM            PROBE                    ARGUMENTS\n");
  for (const Row& row : rows) {
    OneEvent one(row.label, row.args, 0xffffffff81240000, row.ret_ip);
    one.event.stamp = row.stamp;
    one.event.comm = row.comm;
    one.event.late = row.late;
    std::string out;
    EXPECT_TRUE(lines_.event(one.event, out));
    EXPECT_EQ(out, std::string(row.line) + "\n");
  }
}

TEST_F(TableLinesTest, LostAndMalformed) {
  std::string out;
  lines_.lost({{262'389'131, 0, 0, 3, 0}, 9, 37}, out);
  lines_.lost({{262'389'131, 0, 0, 3, 0}, 9, 1}, out);
  const std::string expected =
      "08:44:05.262389   3  lost 37 events\n"
      "08:44:05.262389   3  lost 1 event\n";
  EXPECT_EQ(out, expected);
  OneEvent stray({"e", 'p', "f", 0, ""}, {{"t", Show::text, 4, 0, "x", false, true}}, 1);
  EXPECT_FALSE(lines_.event(stray.event, out));
  EXPECT_EQ(out, expected);
}

TEST(TerminalTextTest, Texts) {
  using namespace std::string_view_literals;
  struct Row {
    std::string_view text;
    bool in_quotes;
    const char* shown;
  };
  const Row rows[] = {
      {"", false, ""},
      {"plain text", false, "plain text"},
      {"\0\t\n\r\x1b\x1f"sv, false, R"(\x00\x09\x0a\x0d\x1b\x1f)"},
      {"\x7f", false, R"(\x7f)"},
      {"\x80\x9b\xff", false, R"(\x80\x9b\xff)"},  // not UTF-8; 0x9b is CSI
      {"\xc2\x9b"
       "2J",
       false, R"(\xc2\x9b2J)"},                         // CSI in UTF-8
      {"\xc2\xa0\xc3\xa9", false, "\xc2\xa0\xc3\xa9"},  // the first after C1; e acute
      {"\xe2\x80\xae"
       "cod",
       false, R"(\xe2\x80\xaecod)"},  // U+202E, right to left
      {"\xe2\x81\xa6\xe2\x81\xa9", false, R"(\xe2\x81\xa6\xe2\x81\xa9)"},
      {"\xe2\x80\xa8\xe2\x80\x8f\xd8\x9c", false, R"(\xe2\x80\xa8\xe2\x80\x8f\xd8\x9c)"},
      {"\xe2\x82\xac\xf0\x9f\x90\xa7", false, "\xe2\x82\xac\xf0\x9f\x90\xa7"},
      {R"(\x1b)", false, R"(\\x1b)"},  // no text can look like an escape
      {R"("q")", false, R"("q")"},
      {R"("q")", true, R"(\"q\")"},
      {"\xe2\x82", true, R"(\xe2\x82)"},  // cut
  };
  for (const Row& row : rows) {
    std::string out;
    append_for_terminal(row.text, row.in_quotes, out);
    EXPECT_EQ(out, row.shown);
  }
}

}  // namespace
}  // namespace kprobed::stream
