// SPDX-License-Identifier: Apache-2.0
//
// What the fast encoder remembers from line to line, compared with the plain one, which remembers
// nothing. What it says of values is in json_oracle_test.cc.
#include "stream/json_encoder.h"

#include <gtest/gtest.h>

#include <random>

#include "json_fixture.h"

namespace kprobed::stream {
namespace {

using test::OneEvent;
using test::Show;

class JsonEncoderTest : public test::JsonFixture {
 protected:
  static void compile(OneEvent& one) { one.plan.json = compile_json(one.plan); }

  /// Both encoders' line, which must be the same.
  std::string line(const Event& event) {
    std::string plain;
    const bool said = lines_.event(event, plain);
    LineBuffer fast;
    EXPECT_EQ(encoder_.event(event, fast), said);
    EXPECT_EQ(fast.view(), plain);
    return plain;
  }

  JsonEncoder encoder_{names_, clock_};
};

TEST_F(JsonEncoderTest, NumbersAndTimesAcrossAllTheirSteps) {
  OneEvent one(test::kEntry, {{"n", Show::unsigned_number, 8, 7}}, 0);
  compile(one);
  std::mt19937_64 random(3);
  for (int bit = 0; bit < 64; ++bit) {
    for (int i = 0; i < 300; ++i) {
      one.event.seq = i % 3 == 0 ? one.event.seq + 1 : random() >> bit;
      one.event.stamp.time_ns = i % 2 == 0 ? one.event.stamp.time_ns + 40'000'000 : random() >> bit;
      one.event.generation = i % 5 == 0 ? static_cast<std::uint32_t>(random() >> (bit % 32)) : 0;
      if (i % 7 == 0) clock_.set_offset(static_cast<std::int64_t>(random()) >> bit);
      line(one.event);
      if (HasFailure()) FAIL() << one.event.seq << " " << one.event.stamp.time_ns;
    }
  }
}

TEST_F(JsonEncoderTest, TasksThatShareAPlaceInTheCache) {
  OneEvent one(test::kEntry, {{"n", Show::hex, 8, 7}}, 0);
  compile(one);
  std::mt19937 random(4);
  const std::string_view comms[] = {"",
                                    "sh",
                                    "bash",
                                    "bash2",
                                    "eight--8",
                                    "eight--9",
                                    "kworker/u8:1-ev",
                                    "kworker/u9:1-ev",
                                    "kworker/u8:2-ev",
                                    "q\"uote",
                                    "odd\xff",
                                    "sixteen-and-more-bytes"};
  for (int i = 0; i < 20'000; ++i) {
    one.event.stamp.tid = static_cast<std::uint32_t>(random() % 200);
    one.event.stamp.pid = one.event.stamp.tid - (i % 3 == 0);
    one.event.stamp.cpu = static_cast<std::uint32_t>(random() % 300);
    one.event.comm = comms[random() % std::size(comms)];
    line(one.event);
    if (HasFailure()) FAIL() << i;
  }
}

TEST_F(JsonEncoderTest, ProbesDoNotTakeEachOthersName) {
  OneEvent opens({"opens", 'p', "do_sys_openat2", 0, "p f"}, {}, 0);
  OneEvent closes({"closes", 'p', "do_sys_close", 16, "p g"}, {}, 0);
  compile(opens), compile(closes);
  for (int i = 0; i < 3; ++i) {
    EXPECT_NE(line(opens.event).find(R"("probe":"opens")"), std::string::npos);
    EXPECT_NE(line(closes.event).find(R"("probe":"closes")"), std::string::npos);
  }
}

TEST_F(JsonEncoderTest, MembersByTheEventsAddress) {
  OneEvent first({"tcp", 'p', "", 0, "p tcp_*"}, {}, 0x1004);
  OneEvent second({"tcp", 'p', "", 0, "p tcp_*"}, {}, 0x2004);
  OneEvent none({"tcp", 'p', "", 0, "p tcp_*"}, {}, 0x3004);
  for (OneEvent* one : {&first, &second, &none}) {
    one->plan.members = {{0x1000, 0x1100, "tcp_\"a"}, {0x2000, 0x2100, "tcp_b"}};
    one->plan.json = first.plan.json;
    if (!first.plan.json) compile(*one);
  }
  for (int i = 0; i < 2; ++i) {
    EXPECT_NE(line(first.event).find(R"("symbol":"tcp_\"a")"), std::string::npos);
    EXPECT_NE(line(second.event).find(R"("symbol":"tcp_b")"), std::string::npos);
    EXPECT_NE(line(none.event).find(R"("symbol":null)"), std::string::npos);
  }
}

TEST_F(JsonEncoderTest, CallersAndSymbolsThatShareAPlaceInTheCache) {
  OneEvent one({"ret", 'r', "f", 0, "r f"}, {{"at", Show::symbol, 8, 0}}, 0, 0);
  compile(one);
  std::mt19937 random(5);
  for (int i = 0; i < 20'000; ++i) {
    const auto address = [&] {
      return (random() % 2 == 0 ? 0xffffffff81250000 : 0xffffffffc0001000) + random() % 0x180;
    };
    const std::uint64_t at = address(), ret = address();
    std::memcpy(&one.raw[one.plan.fields.ops[0].offset], &at, 8);
    std::memcpy(&one.raw[*one.plan.fields.ret_ip], &ret, 8);
    line(one.event);
    if (HasFailure()) FAIL() << i;
  }
}

/// Names that the test exchanges under the encoder.
struct Exchanged final : AddressNames {
  std::string name = "before";
  Place place_of(std::uint64_t) const override { return {name, 4, 0, {}}; }
};

TEST_F(JsonEncoderTest, NamesThatChangeAreAskedForAgain) {
  Exchanged names;
  JsonEncoder encoder(names, clock_);
  OneEvent one({"ret", 'r', "f", 0, "r f"}, {{"at", Show::symbol, 8, 0x10}}, 0x20, 0x30);
  compile(one);
  const auto said = [&](const std::string& name) {
    LineBuffer out;
    EXPECT_TRUE(encoder.event(one.event, out));
    return out.view().find(R"("caller":")" + name) != std::string_view::npos &&
           out.view().find(R"("at":")" + name) != std::string_view::npos;
  };
  EXPECT_TRUE(said("before"));
  names.name = "after";
  EXPECT_TRUE(said("before"));
  encoder.names_changed();
  EXPECT_TRUE(said("after"));
}

TEST_F(JsonEncoderTest, LinesLongerThanAnyCacheAndBuffer) {
  const std::string endless(3000, '"');
  names_ = test::FewNames({{0x1000, endless}});
  OneEvent one({endless, 'r', endless, 1, endless},
               {{endless, Show::text, 4, 0, endless},
                {"at", Show::symbol, 8, 0x1000},
                test::dynamic_numbers("all", Show::hex, 8, std::vector<std::uint64_t>(4000, 1))},
               0, 0x1001);
  compile(one);
  EXPECT_GT(line(one.event).size(), 8 * endless.size());
  EXPECT_GT(line(one.event).size(), 8 * endless.size());
}

TEST_F(JsonEncoderTest, APlanWithoutProgram) {
  OneEvent one(test::kEntry, {{"n", Show::hex, 8, 7}}, 0);
  EXPECT_NE(line(one.event), "");
}

TEST_F(JsonEncoderTest, AStrayStringLeavesTheBufferAsItWas) {
  OneEvent good(test::kEntry, {{"n", Show::hex, 8, 7}}, 0);
  OneEvent stray(test::kEntry, {{.name = "s", .show = Show::text, .stray = true}}, 0);
  compile(good), compile(stray);
  LineBuffer out;
  ASSERT_TRUE(encoder_.event(good.event, out));
  const std::string before(out.view());
  EXPECT_FALSE(encoder_.event(stray.event, out));
  EXPECT_EQ(out.view(), before);
}

}  // namespace
}  // namespace kprobed::stream
