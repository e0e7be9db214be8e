// SPDX-License-Identifier: Apache-2.0
//
// A number of 64 bits that a 32-bit kernel recorded out of two registers: two fields, side by side.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/format.h"
#include "decode/field_plan.h"

namespace kprobed::decode {
namespace {

struct Field {
  std::string name;
  unsigned offset, size;
};

EventFormat event_of(const std::vector<Field>& fields) {
  std::string text = "name: e\nID: 1\nformat:\n";
  for (const Field& field : fields) {
    text += format("\tfield:u{} {};\toffset:{};\tsize:{};\tsigned:0;\n", field.size * 8, field.name,
                   field.offset, field.size);
  }
  auto parsed = parse_format(text + "\nprint fmt: \"\"\n");
  EXPECT_TRUE(parsed.ok()) << describe(parsed.error());
  return *parsed;
}

WantedField wide(Show show) {
  WantedField wanted{"a2", "a2", {.show = show}};
  wanted.second_name = "_h2";
  return wanted;
}

TEST(TwoFields, AreOneNumber) {
  const EventFormat event = event_of({{"a1", 8, 4}, {"a2", 12, 4}, {"_h2", 16, 4}});
  std::vector<std::byte> raw(20);
  // -5000000000 as do_sys_ftruncate gets it on armhf: r2 has the low half.
  const unsigned char halves[] = {0x00, 0x0e, 0xfa, 0xd5, 0xfe, 0xff, 0xff, 0xff};
  for (std::size_t i = 0; i < sizeof halves; ++i) raw[12 + i] = std::byte{halves[i]};
  struct Row {
    Show show;
    Value value;
  };
  for (const Row& row : {Row{Show::signed_number, std::int64_t{-5000000000}},
                         Row{Show::hex, Hex{0xfffffffed5fa0e00}},
                         Row{Show::unsigned_number, std::uint64_t{0xfffffffed5fa0e00}}}) {
    const auto plan = compile(event, {wide(row.show)}, ByteOrder::little, 4);
    ASSERT_TRUE(plan.ok()) << describe(plan.error());
    EXPECT_EQ(plan->min_bytes, 20u);
    const auto got = values(*plan, raw);
    ASSERT_TRUE(got.ok());
    EXPECT_EQ(got->at(0), row.value);
    EXPECT_FALSE(values(*plan, Bytes(raw).first(19)).ok());
  }
}

TEST(TwoFields, AreRefusedWhereTheyAreNotHalves) {
  struct Row {
    const char* why;
    std::vector<Field> fields;
  };
  for (const Row& row : {
           Row{"apart", {{"a2", 8, 4}, {"_h2", 16, 4}}},
           Row{"the other way round", {{"_h2", 8, 4}, {"a2", 12, 4}}},
           Row{"of different sizes", {{"a2", 8, 4}, {"_h2", 12, 8}}},
           Row{"too large", {{"a2", 8, 8}, {"_h2", 16, 8}}},
           Row{"missing", {{"a2", 8, 4}}},
       }) {
    EXPECT_FALSE(compile(event_of(row.fields), {wide(Show::hex)}, ByteOrder::little, 4).ok())
        << row.why;
  }
}

}  // namespace
}  // namespace kprobed::decode
