// SPDX-License-Identifier: Apache-2.0
#include "stream/json_lines.h"

#include <gtest/gtest.h>

#include "json_fixture.h"

namespace kprobed::stream {
namespace {

using test::Arg;
using test::kEntry;
using test::OneEvent;
using test::Show;

// The event of DESIGN 9: 262.389131 s after boot was 2026-11-23T03:14:05.262389131Z.
constexpr std::uint64_t kTime = 262'389'131'000;
constexpr std::int64_t kOffset = 1'795'403'645'262'389'131 - std::int64_t{262'389'131'000};

const ProbeLabel kReturn{"do_sys_openat2_ret", 'r', "do_sys_openat2", 0, "r do_sys_openat2 rv rp"};

class JsonLinesTest : public test::JsonFixture {
 protected:
  JsonLinesTest() { clock_.set_offset(kOffset); }
};

TEST_F(JsonLinesTest, TheDocumentedLine) {
  OneEvent one(kReturn, {{"rv", Show::hex, 8, 5}, {"rp", Show::hex, 8, 0xffffffff810c6a3a}},
               0xffffffff81240000, 0xffffffff81250000 + 77);
  one.event.stamp = {.id = 9, .pid = 2376, .tid = 2376, .time_ns = kTime, .cpu = 1};
  one.event.seq = 812;
  one.event.comm = "bash";
  std::string out;
  EXPECT_TRUE(lines_.event(one.event, out));
  EXPECT_EQ(
      out, R"({"type":"event","seq":812,"time":"2026-11-23T03:14:05.262389131Z","ts":262389131000,)"
           R"("cpu":1,"pid":2376,"tid":2376,"comm":"bash","probe":"do_sys_openat2_ret","kind":"r",)"
           R"("symbol":"do_sys_openat2","offset":0,"caller":"do_sys_open","caller_offset":77,)"
           R"("args":{"rv":"0x5","rp":"0xffffffff810c6a3a"}})"
           "\n");
}

// What follows the time, in lines whose beginning is the documented one's.
TEST_F(JsonLinesTest, Events) {
  struct Row {
    const char* name;
    ProbeLabel label;
    std::vector<Arg> args;
    std::uint64_t ret_ip;
    std::string_view comm;
    bool late;
    const char* tail;
  };
  const ProbeLabel address{"at", 'p', "", 0, "p:at 0xffffffff99999999"};
  const ProbeLabel inside{"in", 'p', "f", 18446744073709551615u, "p:in f+1"};
  const Row rows[] = {
      {"no arguments",
       kEntry,
       {},
       0,
       "ls",
       false,
       R"("comm":"ls","probe":"opens","kind":"p","symbol":"do_sys_openat2","offset":0,"args":{}})"},
      {"numbers keep all their bits",
       inside,
       {{"u", Show::unsigned_number, 8, 18446744073709551615u},
        {"s", Show::signed_number, 8, 9223372036854775808u},
        {"s1", Show::signed_number, 1, 0xff},
        {"s2", Show::signed_number, 2, 0x7fff},
        {"u4", Show::unsigned_number, 4, 0xffffffff},
        {"x1", Show::hex, 1, 0xf0},
        {"x", Show::hex, 8, 18446744073709551615u},
        {"z", Show::hex, 8, 0}},
       0,
       "ls",
       false,
       R"("comm":"ls","probe":"in","kind":"p","symbol":"f","offset":18446744073709551615,)"
       R"("args":{"u":18446744073709551615,"s":-9223372036854775808,"s1":-1,"s2":32767,)"
       R"("u4":4294967295,"x1":"0xf0","x":"0xffffffffffffffff","z":"0x0"}})"},
      {"nobody knows",
       address,
       {},
       0,
       "",
       false,
       R"("comm":null,"probe":"at","kind":"p","symbol":null,"offset":0,"args":{}})"},
      {"a caller outside all text",
       kReturn,
       {},
       0xffff888000001234,
       "ls",
       false,
       R"("comm":"ls","probe":"do_sys_openat2_ret","kind":"r","symbol":"do_sys_openat2",)"
       R"("offset":0,"caller":null,"caller_address":"0xffff888000001234","args":{}})"},
      {"late",
       kEntry,
       {{"n", Show::unsigned_number, 4, 7}},
       0,
       "ls",
       true,
       R"("comm":"ls","probe":"opens","kind":"p","symbol":"do_sys_openat2","offset":0,)"
       R"("args":{"n":7},"late":true})"},
      {"strings",
       kEntry,
       {{"empty", Show::text},
        {"path", Show::text, 4, 0, "/etc/\"x\"\\\n\x1b\x7f"},
        {"utf8", Show::text, 4, 0, "gr\xc3\xbc\xc3\x9f \xf0\x9f\x90\xa7"}},
       0,
       "ls",
       false,
       R"("comm":"ls","probe":"opens","kind":"p","symbol":"do_sys_openat2","offset":0,)"
       "\"args\":{\"empty\":\"\",\"path\":\"/etc/\\\"x\\\"\\\\\\n\\u001b\x7f\","
       "\"utf8\":\"gr\xc3\xbc\xc3\x9f \xf0\x9f\x90\xa7\"}}"},
      {"faults",
       kEntry,
       {{"a", Show::text, 4, 0, "ok"},
        {"b", Show::text, 4, 0, "", true},
        {"c", Show::text, 4, 0, "", true}},
       0,
       "ls",
       false,
       R"("comm":"ls","probe":"opens","kind":"p","symbol":"do_sys_openat2","offset":0,)"
       R"("args":{"a":"ok","b":null,"c":null},"faults":{"b":"unreadable","c":"unreadable"}})"},
      {"bytes",
       kEntry,
       {{"a", Show::text, 4, 0,
         "x\xff"
         "A"},
        {"b", Show::text, 4, 0, "fine"},
        {"c", Show::text, 4, 0, "\xc3"}},
       0,
       "ls",
       false,
       R"("comm":"ls","probe":"opens","kind":"p","symbol":"do_sys_openat2","offset":0,)"
       "\"args\":{\"a\":\"x\xef\xbf\xbd"
       "A\",\"b\":\"fine\",\"c\":\"\xef\xbf\xbd\"},"
       R"("bytes":{"a":"78ff41","c":"c3"}})"},
      {"all at once, in this order",
       kEntry,
       {{"a", Show::text, 4, 0, "\x80"}, {"b", Show::text, 4, 0, "", true}},
       0,
       "caf\xc3",
       true,
       "\"comm\":\"caf\xef\xbf\xbd\","
       R"("probe":"opens","kind":"p","symbol":"do_sys_openat2","offset":0,)"
       "\"args\":{\"a\":\"\xef\xbf\xbd\",\"b\":null},"
       R"("late":true,"faults":{"b":"unreadable"},"bytes":{"a":"80"},"comm_bytes":"636166c3"})"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    OneEvent one(row.label, row.args, 0xffffffff81240000, row.ret_ip);
    one.event.stamp = {.id = 9, .pid = 10, .tid = 11, .time_ns = kTime, .cpu = 3};
    one.event.seq = 1;
    one.event.comm = row.comm;
    one.event.late = row.late;
    std::string out = "earlier\n";
    EXPECT_TRUE(lines_.event(one.event, out));
    EXPECT_EQ(out, std::string("earlier\n") +
                       R"({"type":"event","seq":1,"time":"2026-11-23T03:14:05.262389131Z",)"
                       R"("ts":262389131000,"cpu":3,"pid":10,"tid":11,)" +
                       row.tail + "\n");
  }
}

TEST_F(JsonLinesTest, AReturnProbeWithoutReturnAddress) {
  OneEvent one(kReturn, {}, 1, 2);
  one.plan.fields.ret_ip.reset();
  std::string out;
  EXPECT_TRUE(lines_.event(one.event, out));
  EXPECT_NE(out.find(R"("offset":0,"caller":null,"args":{}})"), std::string::npos) << out;
}

TEST_F(JsonLinesTest, ForeignWordSizesAndByteOrders) {
  struct Row {
    ByteOrder order;
    std::uint8_t word_bytes;
    const char* caller;
  };
  const Row rows[] = {
      {ByteOrder::little, 8, R"("caller_address":"0x1122334455667788")"},
      {ByteOrder::big, 8, R"("caller_address":"0x1122334455667788")"},
      {ByteOrder::little, 4, R"("caller_address":"0x55667788")"},
      {ByteOrder::big, 4, R"("caller_address":"0x55667788")"},
  };
  for (const Row& row : rows) {
    OneEvent one(kReturn, {{"n", Show::signed_number, 2, 0xfffe}, {"t", Show::text, 4, 0, "text"}},
                 0xffffffff81240000, 0x1122334455667788, row.order, row.word_bytes);
    std::string out;
    EXPECT_TRUE(lines_.event(one.event, out));
    EXPECT_NE(out.find(row.caller), std::string::npos) << out;
    EXPECT_NE(out.find(R"("args":{"n":-2,"t":"text"}})"), std::string::npos) << out;
  }
}

TEST_F(JsonLinesTest, AStrayStringLeavesNothingBehind) {
  Arg beyond = test::dynamic_numbers("b", Show::hex, 4, {1});
  beyond.stray = true;
  for (const Arg& arg :
       {Arg{"b", Show::text, 4, 0, "x", false, true}, beyond,
        test::texts("b", {{.name = "", .text = "x", .stray = true}, {.name = "", .text = "y"}})}) {
    OneEvent one(kEntry, {{"a", Show::text, 4, 0, "ok"}, arg}, 0xffffffff81240000);
    std::string out = "earlier\n";
    EXPECT_FALSE(lines_.event(one.event, out));
    EXPECT_EQ(out, "earlier\n");
  }
}

TEST_F(JsonLinesTest, Lost) {
  std::string out;
  lines_.lost(
      {{.id = 9, .pid = 0, .tid = 0, .time_ns = kTime, .cpu = 7}, 813, 18446744073709551615u}, out);
  EXPECT_EQ(out, R"({"type":"lost","seq":813,"time":"2026-11-23T03:14:05.262389131Z",)"
                 R"("ts":262389131000,"cpu":7,"count":18446744073709551615})"
                 "\n");
}

TEST_F(JsonLinesTest, ProbeNotes) {
  struct Row {
    ProbeNote note;
    const char* tail;
  };
  const Row rows[] = {
      {{5, kTime, "opens", "armed", ""}, R"("probe":"opens","state":"armed"})"},
      {{5, kTime, "opens", "held", "its module went"},
       R"("probe":"opens","state":"held","reason":"its module went"})"},
      {{5, kTime, "a\"b", "c\\", "\n\xff"},
       "\"probe\":\"a\\\"b\",\"state\":\"c\\\\\",\"reason\":\"\\n\xef\xbf\xbd\"}"},
  };
  for (const Row& row : rows) {
    std::string out = "earlier\n";
    lines_.probe(row.note, out);
    EXPECT_EQ(out, std::string("earlier\n") +
                       R"({"type":"probe","seq":5,"time":"2026-11-23T03:14:05.262389131Z",)"
                       R"("ts":262389131000,)" +
                       row.tail + "\n");
  }
}

TEST_F(JsonLinesTest, ClockNotes) {
  struct Row {
    std::int64_t step_ns;
    const char* text;
  };
  const Row rows[] = {
      {1'500'000'000, "1500000000"},
      {-1, "-1"},
      {INT64_MIN, "-9223372036854775808"},
      {INT64_MAX, "9223372036854775807"},
  };
  for (const Row& row : rows) {
    std::string out;
    lines_.clock({6, kTime, row.step_ns}, out);
    EXPECT_EQ(out, std::string(R"({"type":"clock","seq":6,)"
                               R"("time":"2026-11-23T03:14:05.262389131Z","ts":262389131000,)"
                               R"("step_ns":)") +
                       row.text + "}\n");
  }
}

TEST(JsonStringTest, Texts) {
  struct Row {
    std::string_view text;
    const char* json;
    bool valid;
  };
  using namespace std::string_view_literals;
  const Row rows[] = {
      {"", R"("")", true},
      {"plain /text", R"("plain /text")", true},
      {"\"\\\b\f\n\r\t", R"("\"\\\b\f\n\r\t")", true},
      {"\x01\x1f"sv, R"("\u0001\u001f")", true},
      {"a\0b"sv, R"("a\u0000b")", true},
      {"\x7f", "\"\x7f\"", true},
      {"\xc2\x80", "\"\xc2\x80\"", true},
      {"\xef\xbf\xbd", "\"\xef\xbf\xbd\"", true},  // U+FFFD that was there already
      {"\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\"", true},
      {"\x80", "\"\xef\xbf\xbd\"", false},
      {"a\xff\"", "\"a\xef\xbf\xbd\\\"\"", false},
      {"\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"", false},                  // overlong
      {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"", false},  // a surrogate
      {"\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\"", false},                  // cut
      {"\xe2\x82\xac\xe2\x82\xac!", "\"\xe2\x82\xac\xe2\x82\xac!\"", true},
  };
  for (const Row& row : rows) {
    std::string out;
    EXPECT_EQ(append_json_string(row.text, out), row.valid) << row.json;
    EXPECT_EQ(out, row.json);
  }
}

}  // namespace
}  // namespace kprobed::stream
