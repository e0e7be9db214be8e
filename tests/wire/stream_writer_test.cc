// SPDX-License-Identifier: Apache-2.0
//
// What room `stream` writes, read by this room: two rooms that do not know each other, and one
// protocol.
#include <gtest/gtest.h>

#include "../stream/make_event.h"
#include "stream/json_lines.h"
#include "wire/codec.h"

namespace kprobed::wire {
namespace {

using stream::test::OneEvent;
using stream::test::Show;

class StreamWriterTest : public testing::Test {
 protected:
  StreamLine read(const std::string& line) {
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    auto result = decode_stream(line);
    if (!result.ok()) {
      ADD_FAILURE() << line << ": " << describe(result.error());
      return UnknownLine{};
    }
    return *std::move(result);
  }

  EventLine read_event(OneEvent& one) {
    one.event.stamp = {.pid = 7, .tid = 8, .time_ns = 2'000'000'000, .cpu = 3};
    one.event.seq = 9007199254740993;
    std::string out;
    EXPECT_TRUE(lines_.event(one.event, out));
    const StreamLine line = read(out);
    const auto* event = std::get_if<EventLine>(&line);
    EXPECT_NE(event, nullptr) << out;
    return event != nullptr ? *event : EventLine{};
  }

  stream::test::FewNames names_{{{0xffffffff81240000, "f"}, {0xffffffff81250000, "g"}}};
  stream::WallClock clock_;
  stream::JsonLines lines_{names_, clock_};
};

TEST_F(StreamWriterTest, Event) {
  OneEvent one({"f_ret", 'r', "f", 4, ""},
               {{"u", Show::unsigned_number, 8, 18446744073709551615u},
                {"s", Show::signed_number, 4, 0xffffffff},
                {"x", Show::hex, 8, 0xffffffffffffffff},
                {"t", Show::text, 4, 0, "a \"b\"\n\xff"},
                {"gone", Show::text, 4, 0, "", true}},
               0xffffffff81240000, 0xffffffff81250000 + 77);
  one.event.comm = "caf\xc3";
  one.event.late = true;
  const EventLine event = read_event(one);

  EventLine expected;
  expected.seq = 9007199254740993;
  expected.time = "1970-01-01T00:00:02.000000000Z";
  expected.ts = 2'000'000'000;
  expected.cpu = 3;
  expected.pid = 7;
  expected.tid = 8;
  expected.comm = "caf\xef\xbf\xbd";
  expected.probe = "f_ret";
  expected.kind = "r";
  expected.symbol = "f";
  expected.offset = 4;
  expected.caller = "g";
  expected.caller_offset = 77;
  expected.late = true;
  expected.args = {{"u", "18446744073709551615", false, false},
                   {"s", "-1", false, false},
                   {"x", "0xffffffffffffffff", false, false},
                   {"t", "a \"b\"\n\xef\xbf\xbd", true, false},
                   {"gone", "unreadable", false, true}};
  EXPECT_EQ(event, expected);
}

TEST_F(StreamWriterTest, AnEventOfWhichLittleIsKnown) {
  OneEvent one({"at", 'r', "", 0, ""}, {}, 0xffffffff81240000, 0xffff888000001234);
  const EventLine event = read_event(one);
  EXPECT_EQ(event.comm, "");
  EXPECT_EQ(event.symbol, "");
  EXPECT_EQ(event.caller, "");
  EXPECT_EQ(event.caller_address, "0xffff888000001234");
  EXPECT_TRUE(event.args.empty());
  EXPECT_FALSE(event.late);
}

TEST_F(StreamWriterTest, SchemaTellsTextFromHex) {
  OneEvent one({"f", 'p', "f", 0, "p f a b:ustring"},
               {{"a", Show::hex, 8, 0x1f}, {"b", Show::text, 4, 0, "0x1f"}}, 0xffffffff81240000);
  std::string out;
  lines_.schema(one.plan, out);
  const StreamLine line = read(out);
  ASSERT_TRUE(std::holds_alternative<SchemaLine>(line)) << out;
  const auto& schema = std::get<SchemaLine>(line);
  EXPECT_EQ(
      schema,
      (SchemaLine{
          "f", "p", "p f a b:ustring", "f", 0, {{"a", "string", "hex"}, {"b", "string", "text"}}}));
  EventLine event = read_event(one);
  apply_schema(schema, event);
  ASSERT_EQ(event.args.size(), 2U);
  EXPECT_FALSE(event.args[0].quoted);
  EXPECT_TRUE(event.args[1].quoted);
}

TEST_F(StreamWriterTest, TheOtherLines) {
  const std::string time = "1970-01-01T00:00:02.000000000Z";
  constexpr std::uint64_t kTs = 2'000'000'000;
  std::string lost, probe, quiet, clock;
  lines_.lost({{.time_ns = kTs, .cpu = 3}, 5, 37}, lost);
  EXPECT_EQ(read(lost), StreamLine(LostLine{5, time, kTs, 3, 37}));
  lines_.probe({5, kTs, "f", "removed", "its time was over"}, probe);
  EXPECT_EQ(read(probe), StreamLine(ProbeLine{5, time, kTs, "f", "removed", "its time was over"}));
  lines_.probe({5, kTs, "f", "armed", ""}, quiet);
  EXPECT_EQ(read(quiet), StreamLine(ProbeLine{5, time, kTs, "f", "armed", ""}));
  std::string cpu, discarded;
  lines_.cpu({5, kTs, 3, "online", "its events had ended"}, cpu);
  EXPECT_EQ(read(cpu), StreamLine(CpuLine{5, time, kTs, 3, "online", "its events had ended"}));
  lines_.discarded({5, kTs, "f", 12, "of another build"}, discarded);
  EXPECT_EQ(read(discarded), StreamLine(DiscardedLine{5, time, kTs, "f", 12, "of another build"}));
  std::string sampling;
  lines_.sampling({5, kTs, "f", "sampled", 16, 1600, 100, "too many"}, sampling);
  EXPECT_EQ(read(sampling),
            StreamLine(SamplingLine{5, time, kTs, "f", "sampled", 16, 1600, 100, "too many"}));
  lines_.clock({5, kTs, -1'500'000'000}, clock);
  EXPECT_EQ(read(clock), StreamLine(ClockLine{5, time, kTs, -1'500'000'000}));
}

}  // namespace
}  // namespace kprobed::wire
