// SPDX-License-Identifier: Apache-2.0
//
// Where an event happened, as its line and the schema say it.
#include <gtest/gtest.h>

#include "json_fixture.h"
#include "line_tail.h"

namespace kprobed::stream {
namespace {

using test::OneEvent;
using test::tail_from;

using JsonPlacesTest = test::JsonFixture;

// The function's own entry counts as offset 0, wherever in it the probe came to sit.
TEST_F(JsonPlacesTest, OneOfSeveralFunctions) {
  struct Row {
    char kind;
    std::uint64_t address;
    const char* place;
  };
  const Row rows[] = {
      {'p', 0xfff, R"("symbol":null,"offset":0,"args":{}})"},
      {'p', 0x1000, R"("symbol":"a","offset":0,"args":{}})"},
      {'p', 0x1004, R"("symbol":"a","offset":0,"args":{}})"},
      {'p', 0x103f, R"("symbol":"a","offset":0,"args":{}})"},
      {'p', 0x1040, R"("symbol":null,"offset":0,"args":{}})"},
      {'p', 0x2000, R"("symbol":"b","offset":0,"args":{}})"},
      {'p', 0x30ff, R"("symbol":"c","offset":0,"args":{}})"},
      {'p', 0x3100, R"("symbol":null,"offset":0,"args":{}})"},
      {'p', UINT64_MAX, R"("symbol":null,"offset":0,"args":{}})"},
      {'r', 0x2004,
       R"("symbol":"b","offset":0,"caller":"do_sys_open","caller_offset":77,"args":{}})"},
  };
  for (const Row& row : rows) {
    OneEvent one({"abc", row.kind, "[abc]", 0, ""}, {}, row.address, 0xffffffff81250000 + 77);
    one.plan.members = {{0x1000, 0x1040, "a"}, {0x2000, 0x2100, "b"}, {0x3000, 0x3100, "c"}};
    std::string out;
    EXPECT_TRUE(lines_.event(one.event, out));
    EXPECT_EQ(tail_from(R"("symbol":)", out), row.place) << row.address;
  }
}

TEST_F(JsonPlacesTest, PlacesOfOtherKinds) {
  struct Row {
    const char* name;
    ProbeLabel label;
    char made_as;  ///< 'p': with __probe_ip, 'r': with __probe_func and __probe_ret_ip
    const char* tail;
  };
  const Row rows[] = {
      {"a tracepoint",
       {"s", 't', "sched/sched_switch", 0, ""},
       'p',
       R"("kind":"t","symbol":"sched/sched_switch","args":{}})"},
      {"a program",
       {"u", 'p', "main", 4, "", "/bin/ba\"sh"},
       'p',
       R"("kind":"p","symbol":"main","offset":4,"path":"/bin/ba\"sh","args":{}})"},
      {"a program's return goes to no kernel symbol",
       {"u", 'r', "main", 0, "", "/bin/sh"},
       'r',
       R"("kind":"r","symbol":"main","offset":0,"path":"/bin/sh","caller":null,)"
       R"("caller_address":"0xffffffff81250000","args":{}})"},
      {"an fprobe",
       {"f", 'f', "vfs_read", 0, ""},
       'p',
       R"("kind":"f","symbol":"vfs_read","offset":0,"args":{}})"},
      {"an fprobe on return",
       {"f", 'f', "vfs_read", 0, ""},
       'r',
       R"("kind":"f","symbol":"vfs_read","offset":0,"caller":"do_sys_open","caller_offset":0,)"
       R"("args":{}})"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    OneEvent one({"", row.made_as, "", 0, ""}, {}, 1, 0xffffffff81250000);
    one.plan.label = row.label;
    std::string out;
    EXPECT_TRUE(lines_.event(one.event, out));
    EXPECT_EQ(tail_from(R"("kind":)", out), row.tail);
  }
}

TEST_F(JsonPlacesTest, SchemaOfPlaces) {
  EventPlan plan;
  plan.label = {"s", 't', "sched/sched_switch", 0, "t sched/sched_switch"};
  std::string out;
  lines_.schema(plan, out);
  EXPECT_EQ(tail_from(R"("kind":)", out), R"("kind":"t","spec":"t sched/sched_switch",)"
                                          R"("symbol":"sched/sched_switch","args":[]})");
  plan.label = {"u", 'p', "main", 4, "p /bin/sh:main+4", "/bin/sh"};
  out.clear();
  lines_.schema(plan, out);
  EXPECT_EQ(tail_from(R"("symbol":)", out),
            R"("symbol":"main","offset":4,"path":"/bin/sh","args":[]})");
  plan.label = {"g", 'p', "tcp_*", 0, "p tcp_*"};
  plan.members = {{1, 2, "tcp_ack"}, {2, 3, "tcp_push"}};
  out.clear();
  lines_.schema(plan, out);
  EXPECT_EQ(tail_from(R"("symbol":)", out),
            R"("symbol":"tcp_*","offset":0,"members":["tcp_ack","tcp_push"],"args":[]})");
}

}  // namespace
}  // namespace kprobed::stream
