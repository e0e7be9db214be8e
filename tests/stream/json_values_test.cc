// SPDX-License-Identifier: Apache-2.0
//
// Each shape of a value as an event's line says it.
#include <gtest/gtest.h>

#include "json_fixture.h"
#include "line_tail.h"

namespace kprobed::stream {
namespace {

using test::Arg;
using test::kEntry;
using test::OneEvent;
using test::Show;
using test::tail_from;

using JsonValuesTest = test::JsonFixture;

TEST_F(JsonValuesTest, ValuesOfEveryShape) {
  struct Row {
    Arg arg;
    const char* tail;  ///< from "args" on
  };
  const std::vector<decode::Enumerator> modes = {{-1, "NONE"}, {1, "A\"B"}};
  const Row rows[] = {
      {test::numbers("a", Show::hex, 8, {1, 0xffffffffffffffff}),
       R"("args":{"a":["0x1","0xffffffffffffffff"]}})"},
      {test::numbers("a", Show::unsigned_number, 1, {0, 255}), R"("args":{"a":[0,255]}})"},
      {test::numbers("a", Show::signed_number, 4, {0xffffffff}), R"("args":{"a":[-1]}})"},
      {test::numbers("a", Show::boolean, 1, {0, 1}), R"("args":{"a":[false,true]}})"},
      {test::numbers("a", Show::character, 1, {'x', 0xff, 0}),
       "\"args\":{\"a\":[\"x\",\"\xef\xbf\xbd\",\"\\u0000\"]},\"bytes\":{\"a[1]\":\"ff\"}}"},
      {test::numbers("a", Show::symbol, 8, {0xffffffff81250004, 5}),
       R"("args":{"a":["do_sys_open+0x4/0x100","0x5"]}})"},
      {test::dynamic_numbers("a", Show::hex, 4, {1, 2, 3}), R"("args":{"a":["0x1","0x2","0x3"]}})"},
      {test::dynamic_numbers("a", Show::hex, 8, {}), R"("args":{"a":[]}})"},
      {test::texts("a", {{.name = "", .text = "x"}, {.name = "", .text = "y\"z"}}),
       R"("args":{"a":["x","y\"z"]}})"},
      {test::texts("a", {{.name = "", .text = "x"},
                         {.name = "", .fault = true},
                         {.name = "", .text = "\xff"},
                         {.name = "", .fault = true}}),
       "\"args\":{\"a\":[\"x\",null,\"\xef\xbf\xbd\",null]},"
       R"("faults":{"a[1]":"unreadable","a[3]":"unreadable"},"bytes":{"a[2]":"ff"}})"},
      {test::text_in_place("a", 8, "bash"), R"("args":{"a":"bash"}})"},
      {test::text_in_place("a", 4, "whole"), R"("args":{"a":"whol"}})"},
      {test::text_in_place("a", 4, ""), R"("args":{"a":""}})"},
      {test::text_in_place("a", 2, "\xc3\xa4"), "\"args\":{\"a\":\"\xc3\xa4\"}}"},
      {test::text_in_place("a", 1, "\xc3\xa4"),
       "\"args\":{\"a\":\"\xef\xbf\xbd\"},\"bytes\":{\"a\":\"c3\"}}"},  // cut in a letter
      {{"a", Show::boolean, 1, 0}, R"("args":{"a":false}})"},
      {{"a", Show::boolean, 4, 0x100}, R"("args":{"a":true}})"},
      {{"a", Show::character, 1, 'x'}, R"("args":{"a":"x"}})"},
      {{"a", Show::character, 1, '"'}, R"("args":{"a":"\""}})"},
      {{"a", Show::character, 1, 0x80},
       "\"args\":{\"a\":\"\xef\xbf\xbd\"},\"bytes\":{\"a\":\"80\"}}"},
      {{"a", Show::symbol, 8, 0xffffffff81240010}, R"("args":{"a":"do_sys_openat2+0x10/0x100"}})"},
      {{"a", Show::symbol, 8, 0xffffffffc0001004},
       R"("args":{"a":"dummy_xmit+0x4/0x100 [dummy]"}})"},
      {{"a", Show::symbol, 8, 0}, R"("args":{"a":"0x0"}})"},
      {test::enumeration("a", 4, 1, true, modes), R"("args":{"a":"A\"B"}})"},
      {test::enumeration("a", 1, 0xff, true, modes), R"("args":{"a":"NONE"}})"},
      {test::enumeration("a", 1, 0xfe, true, modes), R"("args":{"a":"-2"}})"},
      {test::enumeration("a", 1, 0xff, false, modes), R"("args":{"a":"255"}})"},
      {test::enumeration("a", 8, 0xffffffffffffffff, false, modes), R"("args":{"a":"NONE"}})"},
      {test::enumeration("a", 8, 0xfffffffffffffffe, false, modes),
       R"("args":{"a":"18446744073709551614"}})"},
  };
  for (const ByteOrder order : {ByteOrder::little, ByteOrder::big}) {
    for (const Row& row : rows) {
      OneEvent one(kEntry, {row.arg}, 0xffffffff81240000, 0, order);
      std::string out;
      EXPECT_TRUE(lines_.event(one.event, out));
      EXPECT_EQ(tail_from(R"("args":)", out), row.tail);
    }
  }
}

TEST_F(JsonValuesTest, ASymbolOfUnknownSize) {
  class NoSizes final : public AddressNames {
    Place place_of(std::uint64_t) const override { return {"last", 0x20, 0, "m\"od"}; }
  };
  const NoSizes names;
  JsonLines lines(names, clock_);
  OneEvent one(kEntry, {{"a", Show::symbol, 8, 1}}, 1);
  std::string out;
  EXPECT_TRUE(lines.event(one.event, out));
  EXPECT_EQ(tail_from(R"("args":)", out), R"("args":{"a":"last+0x20 [m\"od]"}})");
}

}  // namespace
}  // namespace kprobed::stream
