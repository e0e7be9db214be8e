// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "make_event.h"
#include "stream/text_lines.h"

namespace kprobed::stream {
namespace {

using test::Arg;
using test::FewNames;
using test::OneEvent;
using test::Show;

constexpr std::uint64_t kSysOpen = 0xc0486a80;

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
  const decode::Stamp stamp{.id = 5, .pid = 2376, .tid = 2377, .time_ns = 262'389'131, .cpu = 1};
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
       {.id = 5, .pid = 4194304, .tid = 1, .time_ns = 0, .cpu = 4095},
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

// What an array or an enumeration looks like, without the columns before.
TEST_F(TableLinesTest, ValuesOfEveryShape) {
  struct Row {
    Arg arg;
    const char* shown;
  };
  const Row rows[] = {
      {test::numbers("a", Show::hex, 8, {1, 2}), "a={0x1,0x2}"},
      {test::texts("a", {{.name = "", .text = "x"}, {.name = "", .fault = true}}),
       R"(a={"x",(fault)})"},
      {test::dynamic_numbers("a", Show::hex, 8, {}), "a={}"},
      {{"a", Show::boolean, 1, 1}, "a=true"},
      {test::numbers("a", Show::boolean, 1, {0, 2}), "a={false,true}"},
      {test::enumeration("a", 4, 1, true, {{1, "REL"}}), "a=REL"},
      {test::enumeration("a", 4, 0xffffffff, true, {{1, "REL"}}), "a=-1"},
      {test::enumeration("a", 1, 1, true, {{1, "R\x1b"}}), R"(a=R\x1b)"},
      {{"a", Show::character, 1, 'x'}, "a='x'"},
      {{"a", Show::symbol, 8, kSysOpen}, "a=sys_open+0x0/0x100"},
  };
  for (const Row& row : rows) {
    OneEvent one({"e", 'p', "f", 0, ""}, {row.arg}, 1);
    std::string out;
    EXPECT_TRUE(lines_.event(one.event, out));
    EXPECT_TRUE(out.ends_with(std::string(" ") + row.shown + "\n")) << out;
  }
}

TEST_F(TableLinesTest, OneOfSeveralFunctions) {
  OneEvent one({"opens", 'p', "*open", 0, ""}, {{"n", Show::hex, 8, 1}}, 0x2004);
  one.plan.members = {{0x1000, 0x1040, "do_open"}, {0x2000, 0x2040, "vfs_open"}};
  std::string out;
  EXPECT_TRUE(lines_.event(one.event, out));
  EXPECT_EQ(
      out,
      "08:44:05.000000   0       0 <...>           opens                    @vfs_open n=0x1\n");
}

TEST_F(TableLinesTest, LostAndMalformed) {
  std::string out;
  lines_.lost({{.time_ns = 262'389'131, .cpu = 3}, 9, 37}, out);
  lines_.lost({{.time_ns = 262'389'131, .cpu = 3}, 9, 1}, out);
  const std::string expected =
      "08:44:05.262389   3  lost 37 events\n"
      "08:44:05.262389   3  lost 1 event\n";
  EXPECT_EQ(out, expected);
  Arg beyond = test::dynamic_numbers("d", Show::hex, 4, {1});
  beyond.stray = true;
  for (const Arg& arg : {Arg{"t", Show::text, 4, 0, "x", false, true}, beyond}) {
    OneEvent stray({"e", 'p', "f", 0, ""}, {arg}, 1);
    EXPECT_FALSE(lines_.event(stray.event, out));
    EXPECT_EQ(out, expected);
  }
}

}  // namespace
}  // namespace kprobed::stream
