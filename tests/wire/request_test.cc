// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/codec.h"

namespace kprobed::wire {

void PrintTo(const Request& request, std::ostream* out) { *out << encode_request(request); }

namespace {

using testing::HasSubstr;

Request decoded(std::string_view line) {
  auto result = decode_request(line);
  if (const auto* bad = std::get_if<BadRequest>(&result)) {
    ADD_FAILURE() << line << ": " << describe(bad->error);
    return {};
  }
  return std::get<Request>(result);
}

BadRequest refused(std::string_view line) {
  auto result = decode_request(line);
  if (auto* bad = std::get_if<BadRequest>(&result)) return *bad;
  ADD_FAILURE() << line.substr(0, 200) << ": was taken";
  return {};
}

TEST(Request, IsUnderstood) {
  struct Row {
    const char* line;
    Request request;
  };
  const Row rows[] = {
      {R"({"id":1,"method":"list"})", {"1", ListRequest{}}},
      {R"({"id":1,"method":"status","params":{}})", {"1", StatusRequest{}}},
      {R"({"id":1,"method":"ledger","params":{"probes":["a*"]}})", {"1", LedgerRequest{{"a*"}}}},
      {R"({"id":1,"method":"unsubscribe","params":null})", {"1", UnsubscribeRequest{}}},
      {R"({"id":1,"method":"add","params":{"spec":"p f a1"}})",
       {"1", AddRequest{"p f a1", {}, false, false, false}}},
      {R"({"id":1,"method":"add","params":{"spec":"p f","for_ms":1,"resolve":true,"disabled":true,)"
       R"("allow_oversize":true}})",
       {"1", AddRequest{"p f", 1, true, true, true}}},
      {R"({"id":1,"method":"add","params":{"spec":"","for_ms":3153600000000}})",
       {"1", AddRequest{"", 3'153'600'000'000, false, false, false}}},
      {R"({"id":1,"method":"add","params":{"spec":"p f","for_ms":null,"resolve":null}})",
       {"1", AddRequest{"p f", {}, false, false, false}}},
      {R"({"id":1,"method":"apply","params":{"spec":"","resolve":true,"allow_oversize":true}})",
       {"1", ApplyRequest{"", true, true}}},
      {R"({"id":1,"method":"check","params":{"spec":"p f","resolve":true}})",
       {"1", CheckRequest{"p f", true, false}}},
      {R"({"id":1,"method":"remove","params":{"probes":["a","b*"]}})",
       {"1", RemoveRequest{{{"a", "b*"}, false}}}},
      {R"({"id":1,"method":"enable","params":{"all":true}})", {"1", EnableRequest{{{}, true}}}},
      {R"({"id":1,"method":"disable","params":{"all":true,"probes":[]}})",
       {"1", DisableRequest{{{}, true}}}},
      {R"({"id":1,"method":"subscribe"})", {"1", SubscribeRequest{}}},
      {R"({"id":1,"method":"subscribe","params":{"probes":["a"],"pids":[1,2147483647],)"
       R"("resume":{"stream":"s","seq":18446744073709551615},"own":true}})",
       {"1", SubscribeRequest{{"a"}, {1, 2147483647}, Resume{"s", 18446744073709551615u}, true}}},
      // Framing, blanks, order, and what is not known yet.
      {"{\"method\":\"list\",\"id\":1}\n", {"1", ListRequest{}}},
      {"{\"method\":\"list\",\"id\":1}\r\n", {"1", ListRequest{}}},
      {" { \"method\" : \"list\" , \"id\" : 1 } ", {"1", ListRequest{}}},
      {R"({"id":1,"jsonrpc":"2.0","method":"list","params":{"later":[{"x":1.5}]}})",
       {"1", ListRequest{}}},
      {R"({"id":1,"method":"add","method":"list"})", {"1", ListRequest{}}},
      {R"({"id":1,"method":"li\u0073t"})", {"1", ListRequest{}}},
  };
  for (const Row& row : rows) EXPECT_EQ(decoded(row.line), row.request) << row.line;
}

TEST(Request, IdComesBackAsItWas) {
  const char* const ids[] = {"0",
                             "7",
                             "-7",
                             "-0",
                             "1.50",
                             "1e3",
                             "18446744073709551615",
                             "18446744073709551616",
                             "-9223372036854775808",
                             "null",
                             R"("")",
                             R"("a b")",
                             R"("\"\\\n")",
                             "\"gr\xc3\xbc\xc3\x9f\""};
  for (const std::string id : ids) {
    EXPECT_EQ(decoded(R"({"id":)" + id + R"(,"method":"list"})").id, id);
    EXPECT_EQ(refused(R"({"id":)" + id + R"(,"method":"lost"})").id, id);
  }
  EXPECT_EQ(decoded(R"({"method":"list"})").id, "null");
}

TEST(Request, IsRefusedByTheNameOfTheField) {
  struct Row {
    const char* line;
    ErrorCode code;
    const char* message;
  };
  using enum ErrorCode;
  const Row rows[] = {
      {R"({"id":1})", usage, "method is missing"},
      {R"({"id":1,"method":null})", usage, "method is missing"},
      {R"({"id":1,"method":5})", usage, "method must be a string"},
      {R"({"id":1,"method":"ad"})", usage, "there is no method 'ad'"},
      {R"({"id":1,"method":"add"})", usage, "params.spec is missing"},
      {R"({"id":1,"method":"add","params":[]})", usage, "params must be an object"},
      {R"({"id":1,"method":"list","params":"x"})", usage, "params must be an object"},
      {R"({"id":1,"method":"add","params":{"spec":null}})", usage, "params.spec is missing"},
      {R"({"id":1,"method":"add","params":{"spec":1}})", usage, "params.spec must be a string"},
      {R"({"id":1,"method":"add","params":{"spec":["p f"]}})", usage,
       "params.spec must be a string"},
      {R"({"id":1,"method":"add","params":{"spec":"p\u0000f"}})", usage,
       "params.spec must not contain a NUL character"},
      {R"({"id":1,"method":"add","params":{"spec":"p f","for_ms":0}})", usage,
       "params.for_ms must be a whole number from 1 to 3153600000000"},
      {R"({"id":1,"method":"add","params":{"spec":"p f","for_ms":-1}})", usage,
       "params.for_ms must be a whole number from 1 to 3153600000000"},
      {R"({"id":1,"method":"add","params":{"spec":"p f","for_ms":1.5}})", usage,
       "params.for_ms must be a whole number from 1 to 3153600000000"},
      {R"({"id":1,"method":"add","params":{"spec":"p f","for_ms":3153600000001}})", usage,
       "params.for_ms must be a whole number from 1 to 3153600000000"},
      {R"({"id":1,"method":"add","params":{"spec":"p f","for_ms":"10m"}})", usage,
       "params.for_ms must be a whole number from 1 to 3153600000000"},
      {R"({"id":1,"method":"add","params":{"spec":"p f","resolve":1}})", usage,
       "params.resolve must be true or false"},
      {R"({"id":1,"method":"add","params":{"spec":"p f","disabled":"no"}})", usage,
       "params.disabled must be true or false"},
      {R"({"id":1,"method":"add","params":{"spec":"p f","allow_oversize":[]}})", usage,
       "params.allow_oversize must be true or false"},
      {R"({"id":1,"method":"apply","params":{}})", usage, "params.spec is missing"},
      {R"({"id":1,"method":"check","params":{"spec":{}}})", usage, "params.spec must be a string"},
      {R"({"id":1,"method":"remove"})", usage, "params.probes is missing or empty"},
      {R"({"id":1,"method":"remove","params":{"probes":[]}})", usage,
       "params.probes is missing or empty"},
      {R"({"id":1,"method":"remove","params":{"all":false}})", usage,
       "params.probes is missing or empty"},
      {R"({"id":1,"method":"remove","params":{"all":true,"probes":["a"]}})", usage,
       "params.probes and params.all exclude each other"},
      {R"({"id":1,"method":"enable","params":{"probes":"a"}})", usage,
       "params.probes must be an array"},
      {R"({"id":1,"method":"enable","params":{"probes":["a",7]}})", usage,
       "params.probes[1] must be a string"},
      {R"({"id":1,"method":"disable","params":{"probes":["a",""]}})", usage,
       "params.probes[1] must not be empty"},
      {R"({"id":1,"method":"disable","params":{"probes":["a\u0000b"]}})", usage,
       "params.probes[0] must not contain a NUL character"},
      {R"({"id":1,"method":"subscribe","params":{"pids":[1,0]}})", usage,
       "params.pids[1] must be a whole number from 1 to 2147483647"},
      {R"({"id":1,"method":"subscribe","params":{"pids":[2147483648]}})", usage,
       "params.pids[0] must be a whole number from 1 to 2147483647"},
      {R"({"id":1,"method":"subscribe","params":{"pids":[4294967297]}})", usage,
       "params.pids[0] must be a whole number from 1 to 2147483647"},
      {R"({"id":1,"method":"subscribe","params":{"pids":[-1]}})", usage,
       "params.pids[0] must be a whole number from 1 to 2147483647"},
      {R"({"id":1,"method":"subscribe","params":{"pids":[1.0]}})", usage,
       "params.pids[0] must be a whole number from 1 to 2147483647"},
      {R"({"id":1,"method":"subscribe","params":{"pids":7}})", usage,
       "params.pids must be an array"},
      {R"({"id":1,"method":"subscribe","params":{"pids":[null]}})", usage,
       "params.pids[0] must be a whole number from 1 to 2147483647"},
      {R"({"id":1,"method":"subscribe","params":{"own":0}})", usage,
       "params.own must be true or false"},
      {R"({"id":1,"method":"subscribe","params":{"resume":5}})", usage,
       "params.resume must be an object"},
      {R"({"id":1,"method":"subscribe","params":{"resume":{"stream":"s"}}})", usage,
       "params.resume.seq is missing"},
      {R"({"id":1,"method":"subscribe","params":{"resume":{"seq":1}}})", usage,
       "params.resume.stream is missing"},
      {R"({"id":1,"method":"subscribe","params":{"resume":{"stream":"s","seq":-1}}})", usage,
       "params.resume.seq must be a whole number from 0 to 18446744073709551615"},
      {R"({"id":1,"method":"subscribe","params":{"resume":{"stream":"s",)"
       R"("seq":18446744073709551616}}})",
       usage, "params.resume.seq must be a whole number from 0 to 18446744073709551615"},
  };
  for (const Row& row : rows) {
    const BadRequest bad = refused(row.line);
    EXPECT_EQ(bad.id, "1") << row.line;
    EXPECT_EQ(word(bad.error.code), word(row.code)) << row.line;
    EXPECT_EQ(bad.error.message, row.message) << row.line;
  }
}

TEST(Request, IsRefusedWithoutItsId) {
  struct Row {
    std::string line;
    ErrorCode code;
    const char* message;
  };
  using enum ErrorCode;
  const Row rows[] = {
      {"", malformed, "not JSON: cannot go on at byte 1"},
      {"\n", malformed, "not JSON: cannot go on at byte 2"},
      {"list", malformed, "not JSON: cannot go on at byte 1"},
      {R"({"id":1,"method":"list")", malformed, "not JSON: cannot go on at byte 24"},
      {R"({"id":1,"method":"list"}})", malformed, "not JSON: cannot go on at byte 25"},
      {R"({"id":1,"method":"list"}{"id":2,"method":"list"})", malformed, "not JSON"},
      {"{'id':1}", malformed, "not JSON: cannot go on at byte 2"},
      {R"({"id":1,"method":"list",})", malformed, "not JSON"},
      {R"({"id":1 /* one */,"method":"list"})", malformed, "not JSON"},
      {R"({"id":01,"method":"list"})", malformed, "not JSON"},
      {R"({"id":NaN,"method":"list"})", malformed, "not JSON"},
      {R"({"id":1e999,"method":"list"})", malformed, "not JSON"},
      {"[]", malformed, "this is JSON, but not an object"},
      {"7", malformed, "this is JSON, but not an object"},
      {"null", malformed, "this is JSON, but not an object"},
      {R"("list")", malformed, "this is JSON, but not an object"},
      {"{\"id\":1,\"method\":\"l\xffst\"}", malformed, "not JSON: cannot go on at byte 20"},
      {"{\"id\":1,\"method\":\"l\xc3\"}", malformed, "not JSON"},
      {"{\"id\":1,\"method\":\"\xed\xa0\x80\"}", malformed, "not JSON"},  // a surrogate
      {R"({"id":1,"method":"\ud800"})", malformed, "not JSON"},
      {"{\"id\":1,\"method\":\"li\nst\"}", malformed, "not JSON"},
      {std::string("{\"id\":1,\"method\":\"list\"}\0{}", 27), malformed,
       "not JSON: cannot go on at byte 25"},
      {std::string("{\"id\":1,\0\"method\":\"list\"}", 25), malformed, "not JSON"},
      {R"({"id":true,"method":"list"})", usage, "id must be a number, a string or null"},
      {R"({"id":[1],"method":"list"})", usage, "id must be a number, a string or null"},
      {R"({"id":{},"method":"list"})", usage, "id must be a number, a string or null"},
      {R"({"id":")" + std::string(256, 'x') + R"(","method":"list"})", too_long,
       "id may have 256 bytes at most"},
      {R"({"id":0.)" + std::string(999, '0') + R"(,"method":"list"})", too_long,
       "id may have 256 bytes at most"},
  };
  for (const Row& row : rows) {
    const BadRequest bad = refused(row.line);
    EXPECT_EQ(bad.id, "null") << row.line;
    EXPECT_EQ(word(bad.error.code), word(row.code)) << row.line;
    EXPECT_THAT(bad.error.message, HasSubstr(row.message)) << row.line;
  }
}

TEST(Request, UnknownMethodsGetAHint) {
  EXPECT_EQ(refused(R"({"method":"lsit"})").error.hint, "did you mean 'list'?");
  EXPECT_EQ(refused(R"({"method":"unsubscribed"})").error.hint, "did you mean 'unsubscribe'?");
  EXPECT_THAT(refused(R"({"method":"install"})").error.hint, HasSubstr("methods: add remove"));
  const BadRequest bad = refused(R"({"method":")" + std::string(100000, 'x') + R"("})");
  EXPECT_EQ(bad.error.message, "there is no method '" + std::string(40, 'x') + "...'");
}

// The largest that is taken, and one more.
TEST(Request, Limits) {
  const auto add = [](std::size_t bytes) {
    return R"({"method":"add","params":{"spec":")" + std::string(bytes, 'x') + R"("}})";
  };
  EXPECT_EQ(std::get<AddRequest>(decoded(add(kMaxSpecBytes)).body).spec.size(), kMaxSpecBytes);
  EXPECT_EQ(refused(add(kMaxSpecBytes + 1)).error.message,
            "params.spec may have 262144 bytes at most");
  EXPECT_EQ(refused(add(kMaxSpecBytes + 1)).error.code, ErrorCode::too_long);

  const auto list = [](const char* field, const std::string& item, std::size_t count) {
    std::string line = R"({"method":"subscribe","params":{")" + std::string(field) + R"(":[)";
    for (std::size_t i = 0; i < count; ++i) line += (i == 0 ? "" : ",") + item;
    return line + "]}}";
  };
  const auto probes = decoded(list("probes", "\"x\"", 1024));
  EXPECT_EQ(std::get<SubscribeRequest>(probes.body).probes.size(), 1024U);
  EXPECT_EQ(refused(list("probes", "\"x\"", 1025)).error.message,
            "params.probes may have 1024 items at most, not 1025");
  EXPECT_EQ(std::get<SubscribeRequest>(decoded(list("pids", "1", 1024)).body).pids.size(), 1024U);
  EXPECT_EQ(refused(list("pids", "1", 1025)).error.code, ErrorCode::too_many);

  const std::string name(kMaxNameBytes, 'x');
  decoded(list("probes", "\"" + name + "\"", 1));
  EXPECT_EQ(refused(list("probes", "\"" + name + "x\"", 1)).error.message,
            "params.probes[0] may have 256 bytes at most");

  const auto blanks = [](std::size_t bytes) {
    const std::string line = R"({"method":"list"})";
    return line + std::string(bytes - line.size(), ' ');
  };
  decoded(blanks(kMaxRequestBytes));
  EXPECT_EQ(refused(blanks(kMaxRequestBytes + 1)).error.code, ErrorCode::too_long);

  // The object itself is one level and one value.
  const auto nested = [](std::size_t depth) {
    return R"({"method":"list","x":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  decoded(nested(31));
  EXPECT_EQ(refused(nested(32)).error.message, "arrays and objects may be nested 32 levels deep");
  const auto values = [](std::size_t count) {
    std::string line = R"({"method":"list","x":[0)";
    for (std::size_t i = 1; i < count - 3; ++i) line += ",0";
    return line + "]}";
  };
  decoded(values(16384));
  EXPECT_EQ(refused(values(16385)).error.code, ErrorCode::too_many);
}

}  // namespace
}  // namespace kprobed::wire
