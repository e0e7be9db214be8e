// SPDX-License-Identifier: Apache-2.0
//
// How a probe's events are to be read.
#include <gtest/gtest.h>

#include "json_fixture.h"
#include "line_tail.h"

namespace kprobed::stream {
namespace {

using test::kEntry;
using test::Show;
using test::tail_from;

using JsonSchemaTest = test::JsonFixture;

TEST_F(JsonSchemaTest, SaysWhereAnEntryIsNotItsFirstByte) {
  EventPlan plan;
  plan.label = {"reads", 'p', "vfs_read", 0, "p:reads vfs_read"};
  plan.label.entry_shift = 8;  // riscv64, Linux 6.12
  std::string out;
  lines_.schema(plan, out);
  EXPECT_EQ(out, R"({"type":"schema","probe":"reads","kind":"p","spec":"p:reads vfs_read",)"
                 R"("symbol":"vfs_read","offset":0,"entry_shift":8,"args":[]})"
                 "\n");
}

TEST_F(JsonSchemaTest, Schema) {
  EventPlan plan;
  plan.label = {"opens", 'p', "do_sys_openat2", 4, "p:opens do_sys_openat2+4 n=\"x\""};
  plan.fields.ops = {{"a1", {Show::hex}, 8, 8},
                     {"rv", {Show::signed_number}, 4, 16},
                     {"n", {Show::unsigned_number}, 1, 20},
                     {"path", {Show::text}, 4, 24}};
  std::string out;
  lines_.schema(plan, out);
  EXPECT_EQ(out,
            R"({"type":"schema","probe":"opens","kind":"p",)"
            R"("spec":"p:opens do_sys_openat2+4 n=\"x\"","symbol":"do_sys_openat2","offset":4,)"
            R"("args":[{"name":"a1","type":"string","format":"hex"},)"
            R"({"name":"rv","type":"number","format":"signed"},)"
            R"({"name":"n","type":"number","format":"unsigned"},)"
            R"({"name":"path","type":"string","format":"text"}]})"
            "\n");

  plan.label = {"at", 'r', "", 0, "r:at 0xffffffff99999999"};
  plan.fields.ops.clear();
  out.clear();
  lines_.schema(plan, out);
  EXPECT_EQ(out, R"({"type":"schema","probe":"at","kind":"r","spec":"r:at 0xffffffff99999999",)"
                 R"("symbol":null,"offset":0,"args":[]})"
                 "\n");
}

TEST_F(JsonSchemaTest, SchemaOfEveryShape) {
  using decode::Unreadable;
  const auto modes = std::make_shared<const std::vector<decode::Enumerator>>(
      std::vector<decode::Enumerator>{{-1, "NONE"}, {0, "A\"B"}});
  struct Row {
    decode::ValueShape shape;
    FieldNote note;
    const char* words;  ///< what follows the name
  };
  const Row rows[] = {
      {{Show::unsigned_number},
       {Unreadable::never, "u16"},
       R"("type":"number","format":"unsigned","c_type":"u16")"},
      {{Show::signed_number},
       {Unreadable::zero, "pid_t"},
       R"("type":"number","format":"signed","c_type":"pid_t","unreadable":"zero")"},
      {{Show::hex}, {Unreadable::stale}, R"("type":"string","format":"hex","unreadable":"stale")"},
      {{Show::text},
       {Unreadable::null, "const char *"},
       R"("type":"string","format":"text","c_type":"const char *","unreadable":"null")"},
      {{.show = Show::text, .text_bytes = 16}, {}, R"("type":"string","format":"text")"},
      {{Show::character}, {}, R"("type":"string","format":"character")"},
      {{Show::boolean}, {}, R"("type":"boolean","format":"boolean")"},
      {{Show::symbol}, {}, R"("type":"string","format":"symbol")"},
      {{.show = Show::enumeration, .is_signed = true, .enumerators = modes},
       {},
       R"("type":"string","format":"enumeration","enumerators":{"NONE":-1,"A\"B":0})"},
      {{.show = Show::enumeration, .enumerators = modes},
       {},
       R"("type":"string","format":"enumeration",)"
       R"("enumerators":{"NONE":18446744073709551615,"A\"B":0})"},
      {{.show = Show::enumeration}, {}, R"("type":"string","format":"enumeration")"},
      {{Show::hex, 4}, {}, R"("type":"array","format":"hex","items":"string")"},
      {{Show::signed_number, 1},
       {Unreadable::zero, "int[1]"},
       R"("type":"array","format":"signed","items":"number","c_type":"int[1]","unreadable":"zero")"},
      {{Show::boolean, 2}, {}, R"("type":"array","format":"boolean","items":"boolean")"},
      {{Show::text, 2}, {}, R"("type":"array","format":"text","items":"string")"},
      {{.show = Show::hex, .dynamic = true},
       {},
       R"("type":"array","format":"hex","items":"string")"},
  };
  for (const Row& row : rows) {
    EventPlan plan;
    plan.label = kEntry;
    plan.fields.ops = {{"a", row.shape, 8, 0}};
    plan.notes = {row.note};
    std::string out;
    lines_.schema(plan, out);
    EXPECT_EQ(tail_from(R"("args":)", out),
              std::string(R"("args":[{"name":"a",)") + row.words + "}]}");
  }
}

// A line that every subscriber gets has a size that can be read.
TEST_F(JsonSchemaTest, SchemaIsBounded) {
  struct Row {
    std::size_t enumerators, members;
    bool enumerators_shown;
    std::size_t members_shown;
  };
  for (const Row& row : {Row{64, 512, true, 512}, Row{65, 513, false, 512}}) {
    std::vector<decode::Enumerator> all;
    for (std::size_t i = 0; i < row.enumerators; ++i)
      all.push_back({static_cast<std::int64_t>(i), "E"});
    EventPlan plan;
    plan.label = kEntry;
    plan.fields.ops = {
        {"a",
         {.show = Show::enumeration,
          .enumerators = std::make_shared<const std::vector<decode::Enumerator>>(std::move(all))},
         4,
         0}};
    for (std::size_t i = 0; i < row.members; ++i) plan.members.push_back({i, i + 1, "MEMBER"});
    std::string out;
    lines_.schema(plan, out);
    EXPECT_EQ(out.find("enumerators") != out.npos, row.enumerators_shown);
    std::size_t shown = 0;
    for (std::size_t at = out.find("MEMBER"); at != out.npos; at = out.find("MEMBER", at + 1))
      ++shown;
    EXPECT_EQ(shown, row.members_shown);
  }
}

}  // namespace
}  // namespace kprobed::stream
