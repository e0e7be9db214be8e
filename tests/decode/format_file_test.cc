// SPDX-License-Identifier: Apache-2.0
#include "decode/format_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <ostream>

#include "fixture.h"

namespace kprobed::decode {

void PrintTo(const FormatField& field, std::ostream* out) {
  *out << field.type << " " << field.name << " @" << field.offset << "+" << field.size
       << (field.is_signed ? " signed" : "") << (field.data_loc ? " data_loc" : "") << " x"
       << field.count;
}

namespace {

using testing::HasSubstr;

/// A whole file around one line.
std::string with_field(std::string_view field) {
  return "name: e\nID: 7\nformat:\n\t" + std::string(field) + "\n\nprint fmt: \"\"\n";
}

TEST(ParseFormat, ReadsWhatEachKernelWrites) {
  struct Row {
    std::string kernel, file;
    FormatField field;  ///< one of the file's
  };
  const Row rows[] = {
      {"5.10", "mixed", {"unsigned short", "common_type", 0, 2, false, false, 0}},
      {"5.10", "mixed", {"int", "common_pid", 4, 4, true, false, 0}},
      {"5.10", "mixed", {"unsigned long", "__probe_ip", 8, 8, false, false, 0}},
      {"5.10", "mixed", {"u8", "small", 16, 1, false, false, 0}},
      {"5.10", "mixed", {"u64", "wide", 17, 8, false, false, 0}},
      {"5.10", "mixed", {"s32", "dfd", 25, 4, true, false, 0}},
      {"5.10", "mixed", {"__data_loc char[]", "kstr", 29, 4, true, true, 0}},
      {"5.10", "array", {"u64", "words", 16, 32, false, false, 4}},
      {"5.10", "array", {"u8", "bytes", 48, 3, false, false, 3}},
      {"5.10", "string_array", {"__data_loc char[][2]", "names", 16, 8, true, true, 2}},
      {"5.10", "ret", {"unsigned long", "__probe_func", 8, 8, false, false, 0}},
      {"5.10", "ret", {"unsigned long", "__probe_ret_ip", 16, 8, false, false, 0}},
      {"6.1", "mixed", {"__data_loc char[]", "path", 33, 4, true, true, 0}},
      // Since 5.15 the count is not in the text: trace_probe.c gives no length with the type.
      {"6.1", "array", {"u64", "words", 16, 32, false, false, 4}},
      {"6.1", "array", {"u8", "bytes", 48, 3, false, false, 3}},
      {"6.1", "array", {"u64", "tail", 51, 8, false, false, 0}},
      {"6.1", "string_array", {"__data_loc char[][2]", "names", 16, 8, true, true, 2}},
      {"6.12", "array", {"u8", "bytes", 48, 3, false, false, 3}},
      {"6.12", "string_array", {"__data_loc char[][2]", "names", 16, 8, true, true, 2}},
      {"host-6.18", "entry", {"u16", "half", 25, 2, false, false, 0}},
      {"host-6.18", "entry", {"__data_loc char[]", "fault", 43, 4, true, true, 0}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.kernel + "/" + row.file);
    const EventFormat format = captured_format(row.kernel, row.file);
    EXPECT_EQ(format.name, row.file);
    const FormatField* field = format.find(row.field.name);
    ASSERT_NE(field, nullptr) << row.field.name;
    EXPECT_EQ(*field, row.field);
  }
}

// Each kernel's kprobe events, whatever their arguments: named as its file, fields back to back.
TEST(ParseFormat, ReadsEveryCapturedFile) {
  std::size_t files = 0;
  for (const auto& kernel : std::filesystem::directory_iterator(KPROBED_TEST_DATA)) {
    const auto directory = kernel.path() / "format";
    if (!std::filesystem::is_directory(directory)) continue;
    for (const auto& file : std::filesystem::directory_iterator(directory)) {
      SCOPED_TRACE(file.path().string());
      const EventFormat format =
          captured_format(kernel.path().filename().string(), file.path().filename().string());
      EXPECT_EQ(format.name, file.path().filename());
      std::uint32_t end = 0;
      for (const FormatField& field : format.fields) {
        EXPECT_EQ(field.offset, end) << field.name;
        end = field.offset + field.size;
      }
      ++files;
    }
  }
  EXPECT_GE(files, 20u);
}

TEST(ParseFormat, KeepsTheFilesOrderAndTheId) {
  const EventFormat format = captured_format("host-6.18", "ret");
  EXPECT_EQ(format.id, 2327u);
  std::vector<std::string> names;
  for (const FormatField& field : format.fields) names.push_back(field.name);
  EXPECT_THAT(names, testing::ElementsAre("common_type", "common_flags", "common_preempt_count",
                                          "common_pid", "__probe_func", "__probe_ret_ip", "rv"));
  EXPECT_EQ(format.find("rvx"), nullptr);
  EXPECT_EQ(format.find(""), nullptr);
}

TEST(ParseFormat, TakesWhatTracepointsWrite) {
  struct Row {
    std::string line;
    FormatField field;
  };
  const Row rows[] = {
      // sched_switch, task_rename and sys_enter_openat of the 6.18 host
      {"field:char prev_comm[16];\toffset:8;\tsize:16;\tsigned:0;",
       {"char", "prev_comm", 8, 16, false, false, 16}},
      {"field:pid_t pid;\toffset:8;\tsize:4;\tsigned:1;", {"pid_t", "pid", 8, 4, true, false, 0}},
      {"field:const char * filename;\toffset:24;\tsize:8;\tsigned:0;",
       {"const char *", "filename", 24, 8, false, false, 0}},
      {"field:unsigned long args[6];\toffset:16;\tsize:48;\tsigned:0;",
       {"unsigned long", "args", 16, 48, false, false, 6}},
      // An element only C knows, and no count: bytes.
      {"field:struct odd parts[];\toffset:8;\tsize:12;\tsigned:0;",
       {"struct odd", "parts", 8, 12, false, false, 12}},
      // Lengths that only C can count, and one of no bytes (ftrace:function).
      {"field:char name[IFNAMSIZ + 1];\toffset:8;\tsize:17;\tsigned:0;",
       {"char", "name", 8, 17, false, false, 17}},
      {"field:u32 of[sizeof(x[0]) / 2];\toffset:8;\tsize:12;\tsigned:0;",
       {"u32", "of", 8, 12, false, false, 3}},
      {"field:unsigned long args[];\toffset:24;\tsize:0;\tsigned:0;",
       {"unsigned long", "args", 24, 0, false, false, 0}},
      {"field:__data_loc cpumask_t cpumask;\toffset:8;\tsize:4;\tsigned:0;",
       {"__data_loc cpumask_t", "cpumask", 8, 4, false, true, 0}},
      {"field:__rel_loc char[] msg;\toffset:8;\tsize:4;\tsigned:0;",
       {"__rel_loc char[]", "msg", 8, 4, false, true, 0, true}},
      // The last byte of 64 KiB, and a key from some later kernel.
      {"field:u8 last;\toffset:65535;\tsize:1;\tsigned:0;\talign:1;",
       {"u8", "last", 65535, 1, false, false, 0}},
  };
  for (const Row& row : rows) {
    const auto format = parse_format(with_field(row.line));
    ASSERT_TRUE(format.ok()) << row.line << ": " << describe(format.error());
    ASSERT_EQ(format->fields.size(), 1u);
    EXPECT_EQ(format->fields[0], row.field);
  }
}

TEST(ParseFormat, RefusesWhatIsNotAFormatFile) {
  struct Row {
    std::string text, says;
  };
  const Row rows[] = {
      {"", "no name"},
      {"name: e\n", "no ID"},
      {"name: e\nID: 7\n", "no fields"},
      {"name: e\nID: x\n", "line 2: ID is not a number"},
      {"name: e\nID: 4294967296\n", "line 2: ID is not a number"},
      {"name: e\nID: 7\nprint fmt: \"\"\n\tfield:u8 a;\toffset:0;\tsize:1;\tsigned:0;\n",
       "no fields"},
      {with_field("field:u8 a;\toffset:0;\tsize:1;\tsigned:0"), "line 4: no ';' at the end"},
      {with_field("field:"), "no ';'"},
      {with_field("field:;"), "offset, size or signed is not there"},
      {with_field("field:u8 a;\toffset:0;\tsize:1;"), "offset, size or signed is not there"},
      {with_field("field:u8 a;\toffset:0;\tsize;\tsigned:0;"), "a key without ':'"},
      {with_field("field:u8 a;\toffset:-1;\tsize:1;\tsigned:0;"), "'offset:-1' is not a number"},
      {with_field("field:u8 a;\toffset:0;\tsize:4294967297;\tsigned:0;"), "is not a number"},
      {with_field("field:u8 a;\toffset:65536;\tsize:1;\tsigned:0;"), "outside of any record"},
      {with_field("field:u64 a;\toffset:65529;\tsize:8;\tsigned:0;"), "outside of any record"},
      {with_field("field:u8 a;\toffset:4294967295;\tsize:4294967295;\tsigned:0;"),
       "outside of any record"},
      {with_field("field:a;\toffset:0;\tsize:1;\tsigned:0;"), "'a' does not declare a field"},
      {with_field("field:u8 0a;\toffset:0;\tsize:1;\tsigned:0;"), "does not declare"},
      {with_field("field:u8 a[;\toffset:0;\tsize:1;\tsigned:0;"), "does not declare"},
      {with_field("field:u8 a];\toffset:0;\tsize:1;\tsigned:0;"), "does not declare"},
      {with_field("field:u8 a[0];\toffset:0;\tsize:1;\tsigned:0;"), "does not declare"},
      {with_field("field:u8 a[2];\toffset:0;\tsize:0;\tsigned:0;"), "does not declare"},
      {with_field("field:u8 [2];\toffset:0;\tsize:2;\tsigned:0;"), "does not declare"},
      {with_field("field:u8 a]];\toffset:0;\tsize:2;\tsigned:0;"), "does not declare"},
      {with_field("field:u8 a[2];\toffset:0;\tsize:3;\tsigned:0;"), "does not declare"},
      {with_field("field:__data_loc char[] a;\toffset:0;\tsize:8;\tsigned:1;"), "does not declare"},
      {with_field("field:__data_loc char[][2] a;\toffset:0;\tsize:6;\tsigned:1;"),
       "does not declare"},
  };
  for (const Row& row : rows) {
    const auto format = parse_format(row.text);
    ASSERT_FALSE(format.ok()) << row.text;
    EXPECT_EQ(format.error().code, ErrorCode::malformed);
    EXPECT_THAT(format.error().message, HasSubstr(row.says)) << row.text;
  }
}

TEST(ParseFormat, BoundsTheNumberOfFields) {
  std::string text = "name: e\nID: 7\n";
  for (int i = 0; i < 1024; ++i) text += "\tfield:u8 a;\toffset:0;\tsize:1;\tsigned:0;\n";
  EXPECT_TRUE(parse_format(text).ok());
  const auto one_more = parse_format(text + "\tfield:u8 a;\toffset:0;\tsize:1;\tsigned:0;\n");
  ASSERT_FALSE(one_more.ok());
  EXPECT_THAT(one_more.error().message, HasSubstr("too many fields"));
}

}  // namespace
}  // namespace kprobed::decode
