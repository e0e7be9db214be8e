// SPDX-License-Identifier: Apache-2.0
//
// The exact bytes: order of keys, what is left out, what is escaped.
#include <gtest/gtest.h>

#include <cerrno>
#include <limits>

#include "wire/codec.h"
#include "wire/state.h"

namespace kprobed::wire {
namespace {

TEST(Encode, Hello) {
  EXPECT_EQ(
      encode_hello(
          {.version = "0.1.0", .stream = "7d1f", .host = "h", .arch = "x86_64", .kernel = "6.1.0"}),
      R"({"type":"hello","version":"0.1.0","schema":1,"stream":"7d1f","host":"h",)"
      R"("arch":"x86_64","kernel":"6.1.0","clock":"monotonic"})"
      "\n");
}

TEST(Encode, RequestsLeaveOutWhatIsDefault) {
  EXPECT_EQ(encode_request({"1", ListRequest{}}), "{\"id\":1,\"method\":\"list\"}\n");
  EXPECT_EQ(encode_request({"1", SubscribeRequest{}}), "{\"id\":1,\"method\":\"subscribe\"}\n");
  EXPECT_EQ(encode_request({"", AddRequest{"p f", {}, false, false, false}}),
            "{\"id\":null,\"method\":\"add\",\"params\":{\"spec\":\"p f\"}}\n");
  EXPECT_EQ(encode_request({"\"x\"", RemoveRequest{{{"a", "b"}, false}}}),
            "{\"id\":\"x\",\"method\":\"remove\",\"params\":{\"probes\":[\"a\",\"b\"]}}\n");
}

TEST(Encode, RepliesSayEverythingTheyKnow) {
  ProbeInfo probe;
  probe.name = "f";
  EXPECT_EQ(encode_reply("1", ListReply{{probe}}),
            R"({"id":1,"result":{"probes":[{"name":"f","spec":"","state":"","kernel_line":"",)"
            R"("reason":"","since":"","added":"","owner_uid":0,"cpus":0,"hits":0,)"
            R"("published":0,"rate":0.0,"notes":[]}]}})"
            "\n");
  probe.expires_ms = 5;
  probe.missed = 0;
  probe.lost = 0;
  probe.last_hit_ms_ago = 18446744073709551615u;
  probe.rate = 0.25;
  probe.notes = {{"c", "m", "", 0, 0, 0}, {"c", "m", "h", 1, 0, 2}};
  EXPECT_EQ(encode_reply("1", AddReply{{probe}}),
            R"({"id":1,"result":{"probes":[{"name":"f","spec":"","state":"","kernel_line":"",)"
            R"("reason":"","since":"","added":"","owner_uid":0,"expires_ms":5,"cpus":0,"hits":0,)"
            R"("missed":0,"published":0,"lost":0,"rate":0.25,)"
            R"("last_hit_ms_ago":18446744073709551615,"notes":[{"code":"c","message":"m"},)"
            R"({"code":"c","message":"m","hint":"h","line":1,"begin":0,"end":2}]}]}})"
            "\n");
  EXPECT_EQ(encode_reply("", EmptyReply{}), "{\"id\":null,\"result\":{}}\n");
}

TEST(Encode, ReportsOfCommands) {
  CheckedProbe probe;
  probe.name = "f";
  probe.spec = "p f a1";
  probe.symbol = "f";
  probe.kernel_lines = {"p:kprobed/... f+0 a1=%di:x64"};
  probe.record_bytes = probe.worst_record_bytes = 24;
  CheckedArgument arg;
  arg.name = "a1";
  arg.meaning = "argument 1, in register di";
  arg.fetch = "%di";
  arg.type = "x64";
  arg.shown = "hex";
  arg.line = 1;
  arg.begin = 4;
  arg.end = 6;
  probe.args = {arg};
  WireError error;
  error.code = "syntax";
  error.message = "m";
  error.line = 2;
  error.begin = 1;
  error.end = 3;
  EXPECT_EQ(
      encode_report(CheckReport{{probe}, {error}, ""}),
      R"({"probes":[{"name":"f","spec":"p f a1","symbol":"f","offset":0,)"
      R"("kernel_lines":["p:kprobed/... f+0 a1=%di:x64"],"record_bytes":24,)"
      R"("worst_record_bytes":24,"args":[{"name":"a1","meaning":"argument 1, in register di",)"
      R"("fetch":"%di","type":"x64","shown":"hex","line":1,"begin":4,"end":6}],"notes":[]}],)"
      R"("errors":[{"code":"syntax","message":"m","data":{"line":2,"begin":1,"end":3}}]})"
      "\n");
  EXPECT_EQ(encode_report(DisassemblyReport{"ext4", "f", "0x10", {{0, 5, "call x", "why"}}, ""}),
            R"({"module":"ext4","symbol":"f","address":"0x10","instructions":[)"
            R"({"offset":0,"bytes":5,"text":"call x","refused":"why"}]})"
            "\n");
}

TEST(Encode, ErrorsLeaveOutWhatHasNothingToSay) {
  EXPECT_EQ(encode_error("1", {"usage", "m", "", "", 0, 0, 0, 0}),
            "{\"id\":1,\"error\":{\"code\":\"usage\",\"message\":\"m\"}}\n");
  EXPECT_EQ(encode_error("1", {"io", "m", "", "", 0, 0, 0, 5}),
            "{\"id\":1,\"error\":{\"code\":\"io\",\"message\":\"m\",\"data\":{\"errno\":5}}}\n");
  EXPECT_EQ(
      encode_error("1", {"syntax", "m", "h", "s", 1, 0, 4, 22}),
      R"({"id":1,"error":{"code":"syntax","message":"m","data":{"source":"s","line":1,"begin":0,)"
      R"("end":4,"hint":"h","errno":22}}})"
      "\n");
}

TEST(Encode, Gap) {
  EXPECT_EQ(encode_gap({"7d1f", 1, std::string(kGapRestart)}),
            "{\"type\":\"gap\",\"stream\":\"7d1f\",\"from\":1,\"reason\":\"restart\"}\n");
}

TEST(Encode, AnythingBecomesText) {
  struct Row {
    std::string text;
    const char* json;
  };
  const Row rows[] = {
      {"", R"("")"},
      {"a\"b\\c/", R"("a\"b\\c/")"},
      {"\b\f\n\r\t", R"("\b\f\n\r\t")"},
      {std::string("\0\x01\x1f", 3), R"("\u0000\u0001\u001f")"},
      {"\x7f\xc3\xbc\xe2\x80\xa8\xf0\x9f\x90\xa7", "\"\x7f\xc3\xbc\xe2\x80\xa8\xf0\x9f\x90\xa7\""},
      {"x\xff", "\"x\xef\xbf\xbd\""},
      {"\xc3", "\"\xef\xbf\xbd\""},
      {"\xc3(", "\"\xef\xbf\xbd(\""},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(encode_reply("1", CheckReply{row.text}),
              R"({"id":1,"result":{"text":)" + std::string(row.json) + "}}\n");
  }
}

TEST(Encode, RatesThatAreNoNumbers) {
  for (const double rate :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    ProbeInfo probe;
    probe.rate = rate;
    const std::string line = encode_reply("1", ListReply{{probe}});
    EXPECT_NE(line.find(R"("rate":null)"), line.npos) << line;
    EXPECT_TRUE(decode_reply<ListReply>(line).ok());
  }
}

TEST(WireError, SaysTheWholeSentence) {
  const auto source = std::make_shared<const Source>(Source{"params.spec", "p f\np g $x\n"});
  const Error error = Error(ErrorCode::kernel_refused, "append to 'kprobe_events'")
                          .with_errno(EBUSY)
                          .with_hint("try again")
                          .at({source, 2, 4, 6})
                          .while_doing("arm 'g'");
  EXPECT_EQ(
      to_wire(error),
      (WireError{"kernel_refused", "arm 'g': append to 'kprobe_events': Device or resource busy",
                 "try again", "params.spec", 2, 4, 6, EBUSY}));
}

TEST(WireError, ComesBackUnderTheUsersText) {
  const auto sent = std::make_shared<const Source>(Source{"probes.txt", "p f\np g $x\n"});
  WireError error{"syntax", "no such thing", "look it up", "params.spec", 2, 4, 6, 0};
  EXPECT_EQ(render(from_wire(error, sent)),
            "probes.txt:2:5: no such thing\n"
            "  p g $x\n"
            "      ^~\n"
            "  hint: look it up\n");
  EXPECT_EQ(render(from_wire(error, nullptr)), "no such thing\n  hint: look it up\n");

  // A position that the text does not have shows no caret, and harms nobody.
  error.line = 3;
  EXPECT_FALSE(from_wire(error, sent).span.known());
  error.line = 1;
  error.begin = 1000;
  error.end = 2;
  EXPECT_FALSE(render(from_wire(error, sent)).empty());
}

TEST(WireError, KnowsEveryCode) {
  for (int i = 0; i <= static_cast<int>(ErrorCode::internal); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    EXPECT_EQ(from_wire(to_wire(Error(code, "m")), nullptr).code, code) << word(code);
  }
  EXPECT_EQ(from_wire({"of_tomorrow", "m", "", "", 0, 0, 0, 0}, nullptr).code, ErrorCode::internal);
}

}  // namespace
}  // namespace kprobed::wire
