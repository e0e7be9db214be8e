// SPDX-License-Identifier: Apache-2.0
//
// Tracepoints' fields, by their C declarations. The lines are those of the 6.18 host, but where a
// comment says otherwise.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <ostream>

#include "decode/c_declaration.h"
#include "decode/field_plan.h"
#include "fixture.h"

namespace kprobed::decode {

void PrintTo(const WantedField& field, std::ostream* out) {
  *out << field.kernel_name << " show " << static_cast<int>(field.shape.show) << " x"
       << field.shape.count << (field.shape.dynamic ? " dynamic" : "") << " text "
       << field.shape.text_bytes << " of type '" << field.c_type << "'";
}

namespace {

using enum Show;

EventFormat with_fields(const std::string& fields) {
  auto format = parse_format("name: e\nID: 7\n" + fields);
  if (format.ok()) return std::move(format).value();
  ADD_FAILURE() << fields << ": " << describe(format.error());
  return {};
}

TEST(EveryField, IsShownAsItIsDeclared) {
  struct Row {
    std::string line;
    ValueShape shape;
    std::string c_type;
  };
  const ValueShape dynamic{.show = hex, .dynamic = true};
  const Row rows[] = {
      {"field:pid_t f;\toffset:8;\tsize:4;\tsigned:1;", {signed_number}, "pid_t"},
      {"field:unsigned long f;\toffset:8;\tsize:8;\tsigned:0;", {unsigned_number}, "unsigned long"},
      {"field:enum dma_data_direction f;\toffset:8;\tsize:4;\tsigned:0;",
       {unsigned_number},
       "enum dma_data_direction"},
      {"field:bool f;\toffset:8;\tsize:1;\tsigned:0;", {boolean}, "bool"},
      {"field:const char * f;\toffset:24;\tsize:8;\tsigned:0;", {hex}, "const char *"},
      {"field:const char *const * f;\toffset:24;\tsize:8;\tsigned:0;",
       {hex},
       "const char *const *"},
      {"field:struct mm_struct * f;\toffset:8;\tsize:8;\tsigned:0;", {hex}, "struct mm_struct *"},
      {"field:char correct;\toffset:64;\tsize:1;\tsigned:0;", {unsigned_number}, "char"},
      {"field:unsigned char f;\toffset:16;\tsize:1;\tsigned:0;",
       {unsigned_number},
       "unsigned char"},
      {"field:char f[16];\toffset:8;\tsize:16;\tsigned:0;",
       {.show = text, .text_bytes = 16},
       "char[16]"},
      {"field:unsigned char f[6];\toffset:16;\tsize:6;\tsigned:0;",
       {unsigned_number, 6},
       "unsigned char[6]"},
      {"field:__u8 f[28];\toffset:36;\tsize:28;\tsigned:0;", {unsigned_number, 28}, "__u8[28]"},
      {"field:unsigned long f[6];\toffset:16;\tsize:48;\tsigned:0;",
       {unsigned_number, 6},
       "unsigned long[6]"},
      {"field:long f[3];\toffset:40;\tsize:24;\tsigned:1;", {signed_number, 3}, "long[3]"},
      {"field:__data_loc char[] f;\toffset:8;\tsize:4;\tsigned:0;", {text}, "char[]"},
      {"field:__rel_loc char[] f;\toffset:8;\tsize:4;\tsigned:0;",
       {text},
       "char[]"},  // user_events
      {"field:__data_loc char[][2] f;\toffset:16;\tsize:8;\tsigned:1;", {text, 2}, "char[][2]"},
      {"field:__data_loc u64[] f;\toffset:12;\tsize:4;\tsigned:0;", dynamic, "u64[]"},
      {"field:__data_loc u8[] f;\toffset:52;\tsize:4;\tsigned:0;", dynamic, "u8[]"},
      {"field:__data_loc cpumask_t f;\toffset:8;\tsize:4;\tsigned:0;", dynamic, "cpumask_t"},
      {"field:unsigned long __probe_ip;\toffset:8;\tsize:8;\tsigned:0;", {symbol}, "unsigned long"},
      {"field:unsigned long __probe_ret_ip;\toffset:8;\tsize:8;\tsigned:0;",
       {symbol},
       "unsigned long"},
  };
  for (const Row& row : rows) {
    const EventFormat format = with_fields(row.line + "\n");
    ASSERT_EQ(format.fields.size(), 1u);
    const std::string& name = format.fields[0].name;
    const WantedField expected{name, name, row.shape, Unreadable::never, row.c_type};
    EXPECT_THAT(every_field(format), testing::ElementsAre(expected)) << row.line;
    const auto plan = compile(format, every_field(format), kHostOrder, 8);
    EXPECT_TRUE(plan.ok()) << describe(plan.error());
  }
}

TEST(EveryField, ButTheCommonOnesAndThoseOfNoBytes) {
  const EventFormat format = with_fields(
      "field:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
      "field:unsigned char common_preempt_lazy_count;\toffset:8;\tsize:1;\tsigned:0;\n"
      "field:int size;\toffset:12;\tsize:4;\tsigned:1;\n"
      "field:u32 buf[];\toffset:16;\tsize:0;\tsigned:0;\n");
  const auto fields = every_field(format);
  ASSERT_EQ(fields.size(), 1u);
  EXPECT_EQ(fields[0].name, "size");
  EXPECT_TRUE(
      every_field(with_fields("field:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n")).empty());
}

TEST(EveryField, OfACapturedProbe) {
  const auto fields = every_field(captured_format("6.12", "mixed"));
  std::vector<std::string> names;
  for (const WantedField& field : fields) names.push_back(field.name);
  EXPECT_THAT(names, testing::ElementsAre("__probe_ip", "small", "wide", "dfd", "kstr", "path"));
  EXPECT_EQ(fields.back().shape, ValueShape{.show = text});
}

TEST(TypeBytes, AreThoseOfTheKernelsWord) {
  struct Row {
    std::string_view type;
    int on_64, on_32;  ///< 0: only C knows
  };
  const Row rows[] = {
      {"u8", 1, 1},
      {"__u16", 2, 2},
      {"s32", 4, 4},
      {"uint64_t", 8, 8},
      {"unsigned int", 4, 4},
      {"unsigned", 4, 4},
      {"long", 8, 4},
      {"unsigned long", 8, 4},
      {"const unsigned long", 8, 4},
      {"const u32", 4, 4},
      {"long long", 8, 8},
      {"cpumask_t", 8, 4},
      {"const char *", 8, 4},
      {"struct odd", 0, 0},
      {"xfs_ino_t", 0, 0},
      {"", 0, 0},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(type_bytes(row.type, 8).value_or(0), row.on_64) << row.type;
    EXPECT_EQ(type_bytes(row.type, 4).value_or(0), row.on_32) << row.type;
    EXPECT_EQ(type_bytes(row.type).value_or(0), row.on_64 == row.on_32 ? row.on_64 : 0) << row.type;
  }
}

/// As events/syscalls/sys_enter_openat/format has them on every 64-bit kernel.
TEST(EveryField, AnArgumentOfASystemCallIsReadAsItsCType) {
  const auto event = parse_format(
      "name: sys_enter_openat\nID: 1\nformat:\n"
      "\tfield:int dfd;\toffset:8;\tsize:8;\tsigned:0;\n"
      "\tfield:unsigned int flags;\toffset:16;\tsize:8;\tsigned:0;\n"
      "\tfield:size_t n;\toffset:24;\tsize:8;\tsigned:0;\n");
  ASSERT_TRUE(event.ok());
  // -100 with an upper half that the caller left there.
  const std::uint64_t words[] = {0, 0x1234567800000000 | 0xffffff9c, 0xffffffff00000007, 9};
  for (const ByteOrder order : {ByteOrder::little, ByteOrder::big}) {
    const auto plan = compile(*event, every_field(*event), order, 8);
    ASSERT_TRUE(plan.ok());
    std::vector<std::byte> raw(sizeof words);
    for (std::size_t i = 0; i < std::size(words); ++i) {
      const std::uint64_t word = order == kHostOrder ? words[i] : swap_bytes(words[i]);
      std::memcpy(raw.data() + 8 * i, &word, 8);
    }
    const auto read = values(*plan, raw);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(*read, (std::vector<Value>{Scalar(std::int64_t{-100}), Scalar(std::uint64_t{7}),
                                         Scalar(std::uint64_t{9})}));
  }
}

}  // namespace
}  // namespace kprobed::decode
