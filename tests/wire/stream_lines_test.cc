// SPDX-License-Identifier: Apache-2.0
#include "wire/stream_lines.h"

#include <gtest/gtest.h>

#include "wire/codec.h"

namespace kprobed::wire {
namespace {

using Kind = ServerLine::Kind;

TEST(Classify, Lines) {
  struct Row {
    const char* line;
    Kind kind;
    const char* id;
    const char* type;
    const char* peek;
  };
  const Row rows[] = {
      {R"({"type":"hello","version":"1"})", Kind::hello, "", "hello", "hello"},
      {R"({"type":"event","seq":1})", Kind::stream, "", "event", "event"},
      {R"({"type":"of_tomorrow"})", Kind::stream, "", "of_tomorrow", "of_tomorrow"},
      {R"({"seq":1,"type":"event"})", Kind::stream, "", "event", ""},
      {R"( {"type":"event"})", Kind::stream, "", "event", ""},
      {R"({"id":7,"result":{}})", Kind::reply, "7", "", ""},
      {R"({"id":"a\"b","result":{"type":"event"}})", Kind::reply, R"("a\"b")", "", ""},
      {R"({"result":{}})", Kind::reply, "null", "", ""},
      {R"({"id":null,"error":{"code":"io"}})", Kind::error, "null", "", ""},
      {R"({"id":-1,"error":{},"result":null})", Kind::error, "-1", "", ""},
      {"{\"id\":1,\"result\":{}}\n", Kind::reply, "1", "", ""},
  };
  for (const Row& row : rows) {
    const auto line = classify(row.line);
    ASSERT_TRUE(line.ok()) << row.line;
    EXPECT_EQ(line->kind, row.kind) << row.line;
    EXPECT_EQ(line->id, row.id) << row.line;
    EXPECT_EQ(line->type, row.type) << row.line;
    EXPECT_EQ(peek_type(row.line), row.peek) << row.line;
  }
}

TEST(Classify, RefusesWhatIsNoLine) {
  for (const char* line :
       {"", "x", "[]", "{}", R"({"type":7})", R"({"id":1})", R"({"type":"event")"})
    EXPECT_FALSE(classify(line).ok()) << line;
}

TEST(PeekType, LooksOnlyAtTheHead) {
  EXPECT_EQ(peek_type(R"({"type":"event","seq":)"), "event");
  for (const char* line : {"", "{", R"({"type":)", R"({"type":")", R"({"type":"event)",
                           R"({"type":"EVENT"})", R"({"type":"ev\u0065nt"})", R"({"type":7})"})
    EXPECT_EQ(peek_type(line), "") << line;
}

EventLine event(std::string_view line) {
  auto result = decode_event(line);
  if (!result.ok()) {
    ADD_FAILURE() << line << ": " << describe(result.error());
    return {};
  }
  return *std::move(result);
}

// The lines of tests/stream/json_lines_test.cc.
TEST(Event, OnReturn) {
  EventLine expected;
  expected.seq = 812;
  expected.time = "2026-11-23T03:14:05.262389131Z";
  expected.ts = 262389131000;
  expected.cpu = 1;
  expected.pid = 2376;
  expected.tid = 2377;
  expected.comm = "bash";
  expected.probe = "do_sys_openat2_ret";
  expected.kind = "r";
  expected.symbol = "do_sys_openat2";
  expected.offset = 4;
  expected.caller = "do_sys_open";
  expected.caller_offset = 77;
  expected.args = {{"rv", "0x5", false, false}, {"rp", "0xffffffff810c6a3a", false, false}};
  EXPECT_EQ(
      event(
          R"({"type":"event","seq":812,"time":"2026-11-23T03:14:05.262389131Z","ts":262389131000,)"
          R"("cpu":1,"pid":2376,"tid":2377,"comm":"bash","probe":"do_sys_openat2_ret","kind":"r",)"
          R"("symbol":"do_sys_openat2","offset":4,"caller":"do_sys_open","caller_offset":77,)"
          R"("args":{"rv":"0x5","rp":"0xffffffff810c6a3a"}})"),
      expected);
}

constexpr std::string_view kHead = R"({"type":"event","seq":1,"time":"T","ts":2,"probe":"f")";

TEST(Event, WhatIsNotKnownIsEmpty) {
  EventLine expected;
  expected.seq = 1;
  expected.time = "T";
  expected.ts = 2;
  expected.probe = "f";
  EXPECT_EQ(event(std::string(kHead) + "}"), expected);
  expected.caller_address = "0x1f";
  expected.late = true;
  EXPECT_EQ(event(std::string(kHead) + R"(,"comm":null,"symbol":null,"caller":null,)"
                                       R"("caller_address":"0x1f","args":{},"late":true})"),
            expected);
}

TEST(Event, Arguments) {
  struct Row {
    const char* json;
    EventLine::Arg arg;
  };
  const Row rows[] = {
      {R"({"a":7})", {"a", "7", false, false}},
      {R"({"a":-9223372036854775808})", {"a", "-9223372036854775808", false, false}},
      {R"({"a":18446744073709551615})", {"a", "18446744073709551615", false, false}},
      {R"({"a":9007199254740993})", {"a", "9007199254740993", false, false}},
      {R"({"a":"0x1f"})", {"a", "0x1f", false, false}},
      {R"({"a":"0xffffffffffffffff"})", {"a", "0xffffffffffffffff", false, false}},
      {R"({"a":"/etc/passwd"})", {"a", "/etc/passwd", true, false}},
      {R"({"a":""})", {"a", "", true, false}},
      {R"({"a":"0x"})", {"a", "0x", true, false}},
      {R"({"a":"0xfg"})", {"a", "0xfg", true, false}},
      {R"({"a":"0x1F"})", {"a", "0x1F", true, false}},
      {R"({"a":"0x00000000000000000"})", {"a", "0x00000000000000000", true, false}},
      {R"({"a":null},"faults":{"b":"x","a":"unreadable"})", {"a", "unreadable", false, true}},
      {R"({"a":null})", {"a", "", false, true}},
  };
  for (const Row& row : rows) {
    const EventLine line = event(std::string(kHead) + R"(,"args":)" + row.json + "}");
    ASSERT_EQ(line.args.size(), 1U) << row.json;
    EXPECT_EQ(line.args[0], row.arg) << row.json;
  }
}

TEST(Event, ArgumentsKeepTheirOrder) {
  const EventLine line = event(std::string(kHead) + R"(,"args":{"z":1,"a":2,"m":3}})");
  ASSERT_EQ(line.args.size(), 3U);
  EXPECT_EQ(line.args[0].name + line.args[1].name + line.args[2].name, "zam");
}

TEST(Event, TheSchemaKnowsWhatIsText) {
  EventLine line = event(std::string(kHead) +
                         R"(,"args":{"hex":"0x1f","text":"0x1f","gone":null,"new":"0x1f"}})");
  apply_schema({"f",
                "p",
                "",
                "",
                0,
                {{"hex", "string", "hex"}, {"text", "string", "text"}, {"gone", "string", "text"}}},
               line);
  ASSERT_EQ(line.args.size(), 4U);
  EXPECT_FALSE(line.args[0].quoted);
  EXPECT_TRUE(line.args[1].quoted);
  EXPECT_FALSE(line.args[2].quoted);
  EXPECT_FALSE(line.args[3].quoted);
}

TEST(StreamLine, EachKind) {
  struct Row {
    const char* line;
    StreamLine expected;
  };
  const Row rows[] = {
      {R"({"type":"schema","probe":"f","kind":"p","spec":"p f a","symbol":null,"offset":3,)"
       R"("args":[{"name":"a","type":"string","format":"hex"}]})",
       SchemaLine{"f", "p", "p f a", "", 3, {{"a", "string", "hex"}}}},
      {R"({"type":"lost","seq":1,"time":"T","ts":2,"cpu":3,"count":4})", LostLine{1, "T", 2, 3, 4}},
      {R"({"type":"dropped","from":1,"to":9})", DroppedLine{1, 9}},
      {R"({"type":"probe","seq":1,"time":"T","ts":2,"probe":"f","state":"held","reason":"r"})",
       ProbeLine{1, "T", 2, "f", "held", "r"}},
      {R"({"type":"probe","seq":1,"time":"T","probe":"f","state":"armed"})",
       ProbeLine{1, "T", 0, "f", "armed", ""}},
      {R"({"type":"clock","seq":1,"time":"T","ts":2,"step_ns":-9223372036854775808})",
       ClockLine{1, "T", 2, -9223372036854775807 - 1}},
      {R"({"type":"cpu","seq":1,"time":"T","ts":2,"cpu":3,"state":"offline"})",
       CpuLine{1, "T", 2, 3, "offline", ""}},
      {R"({"type":"cpu","seq":1,"time":"T","cpu":0,"state":"online","reason":"r"})",
       CpuLine{1, "T", 0, 0, "online", "r"}},
      {R"({"type":"discarded","seq":1,"time":"T","ts":2,"probe":"f","count":3,"reason":"r"})",
       DiscardedLine{1, "T", 2, "f", 3, "r"}},
      {R"({"type":"gap","stream":"s","from":5,"reason":"restart"})", GapLine{"s", 5, "restart"}},
      {R"({"type":"of_tomorrow","seq":"what"})", UnknownLine{"of_tomorrow"}},
  };
  for (const Row& row : rows) {
    const auto line = decode_stream(row.line);
    ASSERT_TRUE(line.ok()) << row.line << describe(line.error());
    EXPECT_EQ(*line, row.expected) << row.line;
  }
}

TEST(StreamLine, RefusedByTheNameOfTheField) {
  struct Row {
    const char* line;
    const char* message;
  };
  const Row rows[] = {
      {R"({"seq":1})", "a line without type"},
      {R"({"type":"event"})", "seq is missing"},
      {R"({"type":"event","seq":"1"})",
       "seq must be a whole number from 0 to 18446744073709551615"},
      {R"({"type":"event","seq":1,"time":"T","ts":2})", "probe is missing"},
      {R"({"type":"event","seq":1,"time":"T","ts":2,"probe":"f","cpu":4294967296})",
       "cpu must be a whole number from 0 to 4294967295"},
      {R"({"type":"event","seq":1,"time":"T","ts":2,"probe":"f","late":1})",
       "late must be true or false"},
      {R"({"type":"schema","probe":"f","args":[{"name":"a"}]})", "args[0].type is missing"},
      {R"({"type":"lost","seq":1,"time":"T","ts":2,"cpu":3})", "count is missing"},
      {R"({"type":"dropped","from":1})", "to is missing"},
      {R"({"type":"probe","seq":1,"time":"T","probe":"f"})", "state is missing"},
      {R"({"type":"clock","seq":1,"time":"T","step_ns":9223372036854775808})",
       "step_ns must be a whole number from -9223372036854775808 to 9223372036854775807"},
      {R"({"type":"gap","from":1})", "stream is missing"},
  };
  for (const Row& row : rows) {
    const auto line = decode_stream(row.line);
    ASSERT_FALSE(line.ok()) << row.line;
    EXPECT_EQ(line.error().code, ErrorCode::malformed) << row.line;
    EXPECT_EQ(line.error().message, row.message) << row.line;
  }
  EXPECT_FALSE(decode_event(R"({"type":"dropped","from":1,"to":2})").ok());
}

TEST(Reply, RefusedByTheNameOfTheField) {
  EXPECT_EQ(decode_reply<ListReply>(R"({"id":1,"error":{}})").error().message,
            "a line without the object 'result'");
  EXPECT_EQ(decode_reply<ListReply>(R"({"id":1,"result":[]})").error().message,
            "a line without the object 'result'");
  EXPECT_EQ(decode_reply<ListReply>(R"({"id":1,"result":{"probes":[{"name":7}]}})").error().message,
            "result.probes[0].name must be a string");
  EXPECT_EQ(decode_error(R"({"id":1,"error":{"code":"io","message":"m","data":{"line":-1}}})")
                .error()
                .message,
            "error.data.line must be a whole number from 0 to 4294967295");
  EXPECT_EQ(decode_hello(R"({"type":"event"})").error().message,
            "a line that is not of type hello");
  EXPECT_EQ(decode_hello(R"({"type":"hello","version":"1","schema":1})").error().message,
            "stream is missing");
}

// Fields that came later are missing in what an older daemon sends, and more in a newer one's.
TEST(Reply, OfAnotherVersionIsRead) {
  const auto list = decode_reply<ListReply>(
      R"({"id":1,"result":{"probes":[{"name":"f","spec":"p f","state":"armed","new":{}}],"x":1}})");
  ASSERT_TRUE(list.ok()) << describe(list.error());
  EXPECT_EQ(list->probes.at(0).name, "f");
  EXPECT_EQ(list->probes.at(0).lost, std::nullopt);
}

}  // namespace
}  // namespace kprobed::wire
