// SPDX-License-Identifier: Apache-2.0
//
// Every shape of a value, out of bytes by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "decode/field_plan.h"
#include "fixture.h"

namespace kprobed::decode {
namespace {

using enum Show;
using Scalars = std::vector<Scalar>;

constexpr auto kLittle = ByteOrder::little, kBig = ByteOrder::big;

ValueShape enum_shape(bool is_signed, std::vector<Enumerator> enumerators) {
  return {.show = enumeration,
          .is_signed = is_signed,
          .enumerators = std::make_shared<const std::vector<Enumerator>>(std::move(enumerators))};
}

ValueShape dynamic(Show show) { return {.show = show, .dynamic = true}; }

ValueShape bounded(std::uint32_t bytes, std::uint32_t count = 0) {
  return {.show = text, .count = count, .text_bytes = bytes};
}

Scalar str(const char* value) { return std::string(value); }

TEST(FieldValues, OfEveryShape) {
  const ValueShape mode = enum_shape(true, {{-1, "NONE"}, {0, "ABS"}, {1, "REL"}});
  const ValueShape wide = enum_shape(false, {{-1, "ALL"}, {1, "ONE"}});
  struct Row {
    const char* why;
    ValueShape shape;
    std::uint8_t bytes;
    ByteOrder order;
    std::string raw;
    Value value;
  };
  const Row rows[] = {
      {"true", {boolean}, 1, kLittle, "01", Scalar(true)},
      {"false", {boolean}, 4, kLittle, "00 00 00 00", Scalar(false)},
      {"any bit is true", {boolean}, 4, kBig, "00 80 00 00", Scalar(true)},
      {"letter", {character}, 1, kLittle, "41", str("A")},
      {"no letter", {character}, 1, kLittle, "ff", str("\xff")},
      {"NUL", {character}, 1, kLittle, "00", Scalar(std::string(1, '\0'))},
      {"symbol", {symbol}, 8, kLittle, "08 07 06 05 04 03 02 01", Scalar(Hex{0x102030405060708})},
      {"named", mode, 4, kLittle, "01 00 00 00", str("REL")},
      {"named, negative", mode, 4, kLittle, "ff ff ff ff", str("NONE")},
      {"named, big endian", mode, 2, kBig, "00 01", str("REL")},
      {"unnamed", mode, 4, kLittle, "02 00 00 00", str("2")},
      {"unnamed, negative", mode, 1, kLittle, "80", str("-128")},
      {"all 64 bits named", wide, 8, kLittle, "ff ff ff ff ff ff ff ff", str("ALL")},
      {"32 bits are not 64", wide, 4, kLittle, "ff ff ff ff", str("4294967295")},
      {"unsigned, unnamed", wide, 8, kBig, "80 00 00 00 00 00 00 00", str("9223372036854775808")},
      {"no names at all", {enumeration}, 1, kLittle, "07", str("7")},

      {"u16[3]",
       {unsigned_number, 3},
       2,
       kLittle,
       "01 00 02 00 ff ff",
       Scalars{std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{0xffff}}},
      {"s8[2]",
       {signed_number, 2},
       1,
       kLittle,
       "7f 80",
       Scalars{std::int64_t{127}, std::int64_t{-128}}},
      {"x32[2]", {hex, 2}, 4, kBig, "00 00 00 01 80 00 00 00", Scalars{Hex{1}, Hex{0x80000000}}},
      {"an array of one", {hex, 1}, 1, kLittle, "07", Scalars{Hex{7}}},
      {"bool[2]", {boolean, 2}, 1, kLittle, "00 02", Scalars{false, true}},
      {"char[2]", {character, 2}, 1, kLittle, "41 42", Scalars{str("A"), str("B")}},

      {"bounded", bounded(4), 1, kLittle, "61 62 00 63", str("ab")},
      {"bounded, full", bounded(4), 1, kBig, "61 62 63 64", str("abcd")},
      {"bounded, empty", bounded(4), 1, kLittle, "00 61 62 63", str("")},
      {"two of them", bounded(2, 2), 1, kLittle, "61 62 63 00", Scalars{str("ab"), str("c")}},

      {"string[2]",
       {text, 2},
       4,
       kLittle,
       "08 00 02 00 | 0a 00 03 00 | 61 00 | 62 63 00",
       Scalars{str("a"), str("bc")}},
      {"string[2], one unreadable",
       {text, 2},
       4,
       kLittle,
       "08 00 02 00 | 0a 00 00 00 | 61 00",
       Scalars{str("a"), Fault{}}},
      {"string[2], one astray",
       {text, 2},
       4,
       kLittle,
       "08 00 02 00 | 09 00 02 00 | 61 00",
       Scalars{str("a"), Malformed{}}},

      {"u16[]", dynamic(hex), 2, kLittle, "04 00 04 00 | 01 00 02 00", Scalars{Hex{1}, Hex{2}}},
      {"u16[], big endian", dynamic(hex), 2, kBig, "00 02 00 04 | 01 02", Scalars{Hex{0x102}}},
      {"no elements", dynamic(hex), 2, kLittle, "04 00 00 00", Scalars{}},
      {"no elements, anywhere", dynamic(hex), 2, kLittle, "ff ff 00 00", Scalars{}},
      {"ends beyond", dynamic(hex), 2, kLittle, "04 00 04 00 | 01 00 02", Scalar(Malformed{})},
      {"begins beyond", dynamic(hex), 2, kLittle, "05 00 02 00 | 01", Scalar(Malformed{})},
      {"half an element", dynamic(hex), 2, kLittle, "04 00 03 00 | 01 00 02", Scalar(Malformed{})},
      {"all ones", dynamic(unsigned_number), 1, kLittle, "ff ff ff ff", Scalar(Malformed{})},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    // Exactly as long as it claims to be, so that a sanitizer sees a step too far.
    const ByteVector raw = from_hex(row.raw);
    FieldPlan plan;
    plan.order = row.order;
    plan.ops = {{"a", row.shape, row.bytes, 0}};
    const auto got = values(plan, raw);
    ASSERT_TRUE(got.ok());
    EXPECT_EQ(got->at(0), row.value);
  }
}

TEST(FieldValues, WhereARelativeWordPoints) {
  // Two bytes before the field; the offset counts from the word's own end.
  struct Row {
    ValueShape shape;
    std::uint8_t bytes;
    std::string raw;
    Value value;
  };
  const Row rows[] = {
      {{text}, 4, "ee ee | 01 00 03 00 | ee | 68 69 00", str("hi")},
      {{text}, 4, "ee ee | 01 00 04 00 | ee | 68 69 00", Scalar(Malformed{})},
      {{text, 2},
       4,
       "ee ee | 04 00 02 00 | 02 00 02 00 | 61 00 | 62 00",
       Scalars{str("a"), str("b")}},
      {dynamic(hex), 1, "ee ee | 00 00 02 00 | 07 08", Scalars{Hex{7}, Hex{8}}},
      {dynamic(hex), 1, "ee ee | 01 00 02 00 | 07 08", Scalar(Malformed{})},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.raw);
    const ByteVector raw = from_hex(row.raw);
    FieldPlan plan;
    plan.order = kLittle;
    plan.ops = {{"a", row.shape, row.bytes, 2, true}};
    const auto got = values(plan, raw);
    ASSERT_TRUE(got.ok());
    EXPECT_EQ(got->at(0), row.value);
  }
}

// A kretprobe's string of length 0 is a fault; a tracepoint's __dynamic_array(char, cmd, 0) is
// empty.
TEST(FieldValues, NoTextIsAFaultInAProbesEventOnly) {
  const FormatField ip{"unsigned long", "__probe_ip", 0, 8, false, false, 0};
  const FormatField func{"unsigned long", "__probe_func", 0, 8, false, false, 0};
  const FormatField nr{"long", "nr", 0, 8, true, false, 0};
  const FormatField cmd{"__data_loc char[]", "cmd", 8, 4, false, true, 0};
  struct Row {
    FormatField first;
    Value value;
  };
  for (const Row& row : {Row{ip, Scalar(Fault{})}, Row{func, Scalar(Fault{})}, Row{nr, str("")}}) {
    const EventFormat format{"e", 7, {row.first, cmd}};
    const auto plan = compile(format, {{"cmd", "cmd", text}}, kLittle, 8);
    ASSERT_TRUE(plan.ok()) << describe(plan.error());
    const ByteVector raw = from_hex("00 00 00 00 00 00 00 00 | 0c 00 00 00");
    const auto got = values(*plan, raw);
    ASSERT_TRUE(got.ok());
    EXPECT_EQ(got->at(0), row.value) << row.first.name;
  }
}

// As 6.12 printed it: words={0xffffffff8144041f,0x0,...} bytes={31,4,68} tail=65536.
TEST(FieldValues, OfCapturedFormats) {
  for (const std::string kernel : {"5.10", "6.1", "6.12"}) {
    SCOPED_TRACE(kernel);
    const auto plan = compile(captured_format(kernel, "array"),
                              {{"words", "words", {hex, 4}},
                               {"bytes", "bytes", {unsigned_number, 3}},
                               {"text", "bytes", bounded(3)},
                               {"tail", "tail", unsigned_number}},
                              kLittle, 8);
    ASSERT_TRUE(plan.ok()) << describe(plan.error());
    const ByteVector raw = from_hex(
        "18 06 00 00 c4 00 00 00 | 04 5d 40 81 ff ff ff ff |"
        "1f 04 44 81 ff ff ff ff  00 00 00 00 00 00 00 00 |"
        "00 e7 90 e7 74 00 1d 2a  58 3f 4e 00 00 00 a0 ff |"
        "1f 04 44 | 00 00 01 00 00 00 00 00");
    const auto got = values(*plan, raw);
    ASSERT_TRUE(got.ok());
    EXPECT_EQ(got->at(0), Value(Scalars{Hex{0xffffffff8144041f}, Hex{0}, Hex{0x2a1d0074e790e700},
                                        Hex{0xffa00000004e3f58}}));
    EXPECT_EQ(got->at(1), Value(Scalars{std::uint64_t{31}, std::uint64_t{4}, std::uint64_t{68}}));
    EXPECT_EQ(got->at(2), Value(str("\x1f\x04"
                                    "D")));
    EXPECT_EQ(got->at(3), Value(std::uint64_t{65536}));

    const auto names = compile(captured_format(kernel, "string_array"),
                               {{"names", "names", {text, 2}}}, kLittle, 8);
    ASSERT_TRUE(names.ok()) << describe(names.error());
    EXPECT_EQ(names->min_bytes, 24u);
  }
}

TEST(EnumeratorName, IsFoundByItsValue) {
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  const ValueShape shape = enum_shape(true, {{kLeast, "LEAST"}, {-5, "A"}, {0, "B"}, {7, "C"}});
  struct Row {
    std::int64_t value;
    std::string_view name;
  };
  for (const Row& row : {Row{kLeast, "LEAST"}, Row{-5, "A"}, Row{0, "B"}, Row{7, "C"}, Row{8, ""},
                         Row{-6, ""}, Row{1, ""}})
    EXPECT_EQ(enumerator_name(shape, row.value), row.name) << row.value;
  EXPECT_EQ(enumerator_name({}, 0), "");
  EXPECT_EQ(enumerator_name(enum_shape(true, {}), 0), "");
}

}  // namespace
}  // namespace kprobed::decode
