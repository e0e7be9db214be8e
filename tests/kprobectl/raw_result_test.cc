// SPDX-License-Identifier: Apache-2.0
#include "wire/raw_result.h"

#include <gtest/gtest.h>

#include "wire/codec.h"

namespace kprobed::wire {
namespace {

TEST(RawResult, IsTheResultByteForByte) {
  const struct {
    std::string_view line, result;
  } rows[] = {
      {R"({"id":1,"result":{"probes":[]}})", R"({"probes":[]})"},
      {R"({"id":"a}\"{","result":{"text":"}]\\\"{"}})", R"({"text":"}]\\\"{"})"},
      {R"({"result":{"a":{"result":{}}},"id":[1,{"result":2}]})", R"({"a":{"result":{}}})"},
      {R"( { "id" : 1 , "result" : { "a" : 1 } } )", R"({ "a" : 1 })"},
      {R"({"id":-1.5e3,"result":{}})", "{}"},
      {R"({"result":{"a":1},"result":{"a":2}})", R"({"a":2})"},
      {R"({"result":7})", "7"},
      {R"({"id":1,"error":{"result":{}}})", ""},
      {R"({"xresult":{}})", ""},
      {"{}", ""},
      {"", ""},
      // Not JSON: anything, but no harm.
      {R"({"result)", ""},
      {R"({"result")", ""},
      {R"({"result":)", ""},
      {R"({"result":{"a)", R"({"a)"},
      {R"({"result":"\)", R"("\)"},
  };
  for (const auto& row : rows) EXPECT_EQ(raw_result(row.line), row.result) << row.line;
}

TEST(RawResult, OfWhatTheDaemonWrites) {
  EXPECT_EQ(raw_result(encode_reply("3", NamesReply{{"a", "}\"\\"}})),
            R"({"probes":["a","}\"\\"]})");
}

}  // namespace
}  // namespace kprobed::wire
