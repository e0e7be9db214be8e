// SPDX-License-Identifier: Apache-2.0
#include "decode/field_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <ostream>

#include "decode/record.h"
#include "fixture.h"

namespace kprobed::decode {

void PrintTo(const Hex& value, std::ostream* out) { *out << "hex " << value.value; }
void PrintTo(const Fault&, std::ostream* out) { *out << "fault"; }
void PrintTo(const Malformed&, std::ostream* out) { *out << "malformed"; }

namespace {

using testing::HasSubstr;
using enum Show;

Bytes raw_of(const ByteVector& record) {
  const Record parsed = parse_record(record);
  if (const auto* sample = std::get_if<Sample>(&parsed)) return sample->raw;
  ADD_FAILURE() << "not a sample";
  return {};
}

TEST(Values, OfACapturedEntryProbe) {
  // kprobed_probe_me(0x1122334455667788, "/etc/passwd", "", NULL, -100)
  struct Row {
    WantedField wanted;
    Value value;
  };
  const Row rows[] = {
      {{"n", "n", unsigned_number}, std::uint64_t{0x1122334455667788}},
      {{"n", "n", hex}, Hex{0x1122334455667788}},
      {{"n", "n", signed_number}, std::int64_t{0x1122334455667788}},
      {{"tiny", "tiny", unsigned_number}, std::uint64_t{0x88}},
      {{"tiny", "tiny", signed_number}, std::int64_t{-0x78}},
      {{"half", "half", hex}, Hex{0x7788}},
      {{"word", "word", hex}, Hex{0x55667788}},
      {{"less", "less", signed_number}, std::int64_t{-100}},
      {{"less", "less", unsigned_number}, std::uint64_t{0xffffff9c}},
      {{"text", "text", text}, std::string("/etc/passwd")},
      {{"empty", "empty", text}, std::string()},
      {{"fault", "fault", text}, Fault{}},
  };
  const EventFormat format = captured_format("host-6.18", "entry");
  const ByteVector record = captured_record("host-6.18", "sample", 0);
  std::vector<WantedField> wanted;
  for (const Row& row : rows) wanted.push_back(row.wanted);
  const auto plan = compile(format, wanted, ByteOrder::little, 8);
  ASSERT_TRUE(plan.ok()) << describe(plan.error());
  const auto got = values(*plan, raw_of(record));
  ASSERT_TRUE(got.ok());
  ASSERT_EQ(got->size(), std::size(rows));
  for (std::size_t i = 0; i < std::size(rows); ++i)
    EXPECT_EQ((*got)[i], rows[i].value) << i << " " << rows[i].wanted.name;
}

TEST(Values, OfACapturedReturnProbe) {
  const auto plan =
      compile(captured_format("host-6.18", "ret"), {{"rv", "rv", hex}}, ByteOrder::little, 8);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->ip, std::nullopt);
  EXPECT_EQ(plan->func, 8u);
  EXPECT_EQ(plan->ret_ip, 16u);
  const ByteVector record = captured_record("host-6.18", "sample", 1);
  const auto got = values(*plan, raw_of(record));
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(*got, std::vector<Value>{Hex{0x1122334455667789}});
}

TEST(Compile, NeedsTheBytesUpToTheLastFieldInUse) {
  struct Row {
    std::string file;
    std::vector<WantedField> wanted;
    std::uint32_t min_bytes;
  };
  const Row rows[] = {
      {"bare", {}, 16},  // __probe_ip alone
      {"ret", {}, 24},   // __probe_func and __probe_ret_ip
      {"mixed", {{"s", "small", hex}}, 17},
      {"mixed", {{"d", "dfd", signed_number}, {"s", "small", hex}}, 29},
      {"mixed", {{"p", "path", text}}, 37},
      {"array", {{"t", "tail", unsigned_number}}, 59},
  };
  for (const std::string kernel : {"5.10", "6.1", "6.12"}) {
    for (const Row& row : rows) {
      const auto plan =
          compile(captured_format(kernel, row.file), row.wanted, ByteOrder::little, 8);
      ASSERT_TRUE(plan.ok()) << describe(plan.error());
      EXPECT_EQ(plan->min_bytes, row.min_bytes) << kernel << "/" << row.file;
    }
  }
}

TEST(Compile, KeepsTheUsersNamesAndOrder) {
  const auto plan =
      compile(captured_format("6.1", "mixed"),
              {{"where", "path", text}, {"fd", "dfd", signed_number}}, ByteOrder::little, 8);
  ASSERT_TRUE(plan.ok());
  const std::vector<FieldOp> ops = {{"where", {text}, 4, 33}, {"fd", {signed_number}, 4, 25}};
  EXPECT_EQ(plan->ops, ops);
  EXPECT_EQ(plan->ip, 8u);
  EXPECT_EQ(plan->func, std::nullopt);
}

TEST(Compile, RefusesFieldsThatAreNotWhatIsWanted) {
  const ValueShape kText33{.show = text, .text_bytes = 33};
  const ValueShape kDynamic{.show = hex, .dynamic = true};
  struct Row {
    std::string file;
    WantedField wanted;
    std::uint8_t word_bytes;
    ErrorCode code;
    std::string says;
  };
  const Row rows[] = {
      {"mixed", {"a", "nope", hex}, 8, ErrorCode::not_found, "'mixed' has no field 'nope'"},
      {"mixed", {"a", "", hex}, 8, ErrorCode::not_found, "no field ''"},
      {"mixed", {"a", "path", hex}, 8, ErrorCode::malformed, "'path' (__data_loc char[], 4 bytes)"},
      {"mixed", {"a", "wide", text}, 8, ErrorCode::malformed, "'wide' (u64, 8 bytes) is not text"},
      {"array", {"a", "words", hex}, 8, ErrorCode::malformed, "'words' (u64, 32 bytes) is an arr"},
      {"array", {"a", "words", {hex, 3}}, 8, ErrorCode::malformed, "is an array of 4, not of 3"},
      {"array",
       {"a", "tail", {hex, 1}},
       8,
       ErrorCode::malformed,
       "'tail' (u64, 8 bytes) is not an "},
      {"array", {"a", "words", {character, 4}}, 8, ErrorCode::malformed, "no single character"},
      {"array", {"a", "words", kText33}, 8, ErrorCode::malformed, "is shorter than 33 bytes"},
      {"array", {"a", "words", kDynamic}, 8, ErrorCode::malformed, "is no array whose length each"},
      {"string_array", {"a", "names", text}, 8, ErrorCode::malformed, "is an array"},
      {"string_array", {"a", "names", {text, 3}}, 8, ErrorCode::malformed, "of 2, not of 3"},
      {"string_array", {"a", "names", kDynamic}, 8, ErrorCode::malformed, "is no array whose"},
      {"mixed", {"a", "path", {text, 1}}, 8, ErrorCode::malformed, "is not an array"},
      {"mixed", {"a", "path", kText33}, 8, ErrorCode::malformed, "is no array of bytes"},
      {"mixed", {"a", "dfd", character}, 8, ErrorCode::malformed, "is no single character"},
      {"mixed", {"a", "wide", hex}, 4, ErrorCode::malformed, "'__probe_ip'"},
      {"ret", {"a", "rv", hex}, 4, ErrorCode::malformed, "'__probe_func'"},
  };
  for (const Row& row : rows) {
    const auto plan =
        compile(captured_format("6.1", row.file), {row.wanted}, ByteOrder::little, row.word_bytes);
    ASSERT_FALSE(plan.ok()) << row.says;
    EXPECT_EQ(plan.error().code, row.code);
    EXPECT_THAT(plan.error().message, HasSubstr(row.says));
  }
  const EventFormat odd{"e",
                        7,
                        {{"u24", "a", 8, 3, false, false, 0},
                         {"__data_loc u64[]", "b", 12, 4, true, true, 0},
                         {"u24", "c", 16, 6, false, false, 2},
                         {"u32", "d", 22, 0, false, false, 0}}};
  for (const WantedField& wanted :
       {WantedField{"a", "a", hex}, WantedField{"b", "b", hex}, WantedField{"b", "b", text},
        WantedField{"c", "c", {hex, 2}}, WantedField{"d", "d", hex}}) {
    const auto plan = compile(odd, {wanted}, ByteOrder::little, 8);
    ASSERT_FALSE(plan.ok()) << wanted.name;
    EXPECT_THAT(plan.error().message, HasSubstr("field '" + wanted.name + "'"));
  }
}

TEST(Compile, ElementsHaveTheirOwnSize) {
  struct Row {
    FormatField field;
    ValueShape shape;
    std::uint8_t word_bytes;
    std::uint8_t bytes;
    std::uint32_t min_bytes;
  };
  const ValueShape dynamic{.show = hex, .dynamic = true};
  const Row rows[] = {
      {{"u16", "f", 8, 6, false, false, 3}, {hex, 3}, 8, 2, 14},
      {{"unsigned long", "f", 16, 48, false, false, 6}, {hex, 6}, 8, 8, 64},
      {{"unsigned long", "f", 16, 24, false, false, 6}, {hex, 6}, 4, 4, 40},
      {{"unsigned char", "f", 16, 6, false, false, 6}, {unsigned_number, 6}, 8, 1, 22},
      {{"char", "f", 16, 16, false, false, 16}, {.show = text, .text_bytes = 16}, 8, 1, 32},
      {{"u64", "f", 16, 32, false, false, 4}, {.show = text, .text_bytes = 30}, 8, 1, 46},
      {{"char", "f", 16, 32, false, false, 32},
       {.show = text, .count = 2, .text_bytes = 16},
       8,
       1,
       48},
      {{"__data_loc char[][2]", "f", 16, 8, true, true, 2}, {text, 2}, 8, 4, 24},
      {{"__data_loc u64[]", "f", 12, 4, false, true, 0}, dynamic, 8, 8, 16},
      {{"__data_loc unsigned int[]", "f", 12, 4, false, true, 0}, dynamic, 8, 4, 16},
      {{"__data_loc cpumask_t", "f", 12, 4, false, true, 0}, dynamic, 8, 8, 16},
      {{"__data_loc unsigned long[]", "f", 12, 4, false, true, 0}, dynamic, 4, 4, 16},
      {{"__data_loc struct odd[]", "f", 12, 4, false, true, 0}, dynamic, 8, 1, 16},
      {{"bool", "f", 8, 1, false, false, 0}, {boolean}, 8, 1, 9},
      {{"char", "f", 8, 1, false, false, 0}, {character}, 8, 1, 9},
      {{"u64", "f", 8, 8, false, false, 0}, {symbol}, 8, 8, 16},
      {{"u32", "f", 8, 4, false, false, 0}, {enumeration}, 8, 4, 12},
  };
  for (const Row& row : rows) {
    const EventFormat format{"e", 7, {row.field}};
    const auto plan = compile(format, {{"f", "f", row.shape}}, ByteOrder::little, row.word_bytes);
    ASSERT_TRUE(plan.ok()) << describe(plan.error());
    EXPECT_EQ(plan->ops[0].bytes, row.bytes) << row.field.type;
    EXPECT_EQ(plan->min_bytes, row.min_bytes) << row.field.type;
  }
}

TEST(ReadNumber, TakesEverySizeOrderAndSign) {
  struct Row {
    std::string bytes;
    ByteOrder order;
    std::uint8_t size;
    Show show;
    std::uint64_t value;
  };
  constexpr auto kBig = ByteOrder::big, kLittle = ByteOrder::little;
  const auto bits = [](std::int64_t value) { return static_cast<std::uint64_t>(value); };
  const Row rows[] = {
      {"80 01 02 03 04 05 06 07", kLittle, 1, unsigned_number, 0x80},
      {"80 01 02 03 04 05 06 07", kLittle, 1, signed_number, bits(-128)},
      {"80 01 02 03 04 05 06 07", kLittle, 2, hex, 0x0180},
      {"80 01 02 03 04 05 06 07", kBig, 2, hex, 0x8001},
      {"80 01 02 03 04 05 06 07", kBig, 2, signed_number, bits(-0x7fff)},
      {"80 01 02 03 04 05 06 07", kLittle, 4, hex, 0x03020180},
      {"80 01 02 03 04 05 06 07", kBig, 4, hex, 0x80010203},
      {"80 01 02 03 04 05 06 07", kBig, 4, signed_number, bits(-0x7ffefdfd)},
      {"80 01 02 03 04 05 06 07", kLittle, 8, hex, 0x0706050403020180},
      {"80 01 02 03 04 05 06 07", kBig, 8, hex, 0x8001020304050607},
      {"80 00 00 00 00 00 00 00", kBig, 8, signed_number,
       bits(std::numeric_limits<std::int64_t>::min())},
      {"ff ff ff ff ff ff ff ff", kLittle, 8, signed_number, bits(-1)},
      {"7f ff ff ff ff ff ff ff", kLittle, 1, signed_number, 127},
  };
  for (const Row& row : rows) {
    // One byte further than aligned, as the raw data of perf is.
    ByteVector raw = from_hex("aa " + row.bytes);
    const FieldOp op{"a", {row.show}, row.size, 1};
    EXPECT_EQ(read_number(op, raw.data(), row.order), row.value)
        << row.bytes << " as " << int{row.size};
  }
}

TEST(ReadText, BelievesNoWord) {
  using enum TextRef::State;
  struct Row {
    const char* why;
    std::string raw;  ///< the __data_loc word first
    TextRef::State state;
    std::string_view text;
  };
  const Row rows[] = {
      {"whole", "04 00 03 00 | 68 69 00", ok, "hi"},
      {"empty", "04 00 01 00 | 00", ok, ""},
      {"fault", "04 00 00 00", fault, ""},
      {"fault, offset anywhere", "ff ff 00 00", fault, ""},
      {"6.1 leaves the text behind", "04 00 00 00 | 28 66 29 00", fault, ""},
      {"no NUL", "04 00 02 00 | 68 69", ok, "hi"},
      {"two NULs", "04 00 04 00 | 68 00 69 00", ok, "h"},
      {"bytes that are no text", "04 00 03 00 | ff 0a 00", ok, "\xff\n"},
      {"ends one beyond", "04 00 04 00 | 68 69 00", malformed, ""},
      {"begins at the end", "07 00 01 00 | 68 69 00", malformed, ""},
      {"begins beyond", "08 00 01 00 | 68 69 00", malformed, ""},
      {"all ones", "ff ff ff ff | 68 69 00", malformed, ""},
      {"points at itself", "00 00 04 00", ok, ""},
  };
  const FieldOp op{"a", {text}, 4, 0};
  for (const Row& row : rows) {
    // Exactly as long as it claims to be, so that a sanitizer sees a step too far.
    const ByteVector raw = from_hex(row.raw);
    const TextRef got = read_text(op, raw, ByteOrder::little);
    EXPECT_EQ(got.state, row.state) << row.why;
    EXPECT_EQ(got.text, row.text) << row.why;
  }
  const ByteVector big = from_hex("00 03 00 04 | 68 69 00");
  EXPECT_EQ(read_text(op, big, ByteOrder::big).text, "hi");
}

TEST(Values, RefusesShortRawDataOfEveryLength) {
  const ByteVector record = captured_record("host-6.18", "sample", 0);
  const Bytes raw = raw_of(record);
  const auto plan =
      compile(captured_format("host-6.18", "entry"),
              {{"n", "n", hex}, {"t", "text", text}, {"f", "fault", text}}, ByteOrder::little, 8);
  ASSERT_TRUE(plan.ok());
  ASSERT_EQ(plan->min_bytes, 47u);
  for (std::size_t length = 0; length <= raw.size(); ++length) {
    const ByteVector cut(raw.begin(), raw.begin() + static_cast<std::ptrdiff_t>(length));
    const auto got = values(*plan, cut);
    EXPECT_EQ(got.ok(), length >= 47) << length;
    if (!got.ok()) {
      EXPECT_EQ(got.error().code, ErrorCode::malformed);
    } else {
      // "/etc/passwd" and its NUL end at 59.
      const Value expected = length >= 59 ? Value(std::string("/etc/passwd")) : Value(Malformed{});
      EXPECT_EQ((*got)[1], expected) << length;
    }
  }
}

}  // namespace
}  // namespace kprobed::decode
