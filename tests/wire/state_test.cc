// SPDX-License-Identifier: Apache-2.0
#include "wire/state.h"

#include <gtest/gtest.h>

#include "wire/codec.h"

namespace kprobed::wire {

void PrintTo(const StateFile& state, std::ostream* out) { *out << encode_state(state); }

namespace {

TEST(State, TheExactText) {
  const StateFile state{
      kStateVersion,
      {{"p f a1", "f", 0, false, {}, false, false, "2026-11-23T03:14:05Z", "", ""},
       {"r g", "g_ret", 1000, true, 123456, true, true, "T", "/p", "r g rv"}},
      {17, 18446744073709551615u}};
  const std::string text =
      R"({"version":1,"probes":[{"spec":"p f a1","name":"f","owner_uid":0,)"
      R"("added":"2026-11-23T03:14:05Z"},{"spec":"r g","name":"g_ret","owner_uid":1000,)"
      R"("disabled":true,"expires_boottime_ms":123456,"resolve":true,"allow_oversize":true,)"
      R"("added":"T","origin":"/p","asked":"r g rv"}],"crash_times_ms":[17,18446744073709551615]})"
      "\n";
  EXPECT_EQ(encode_state(state), text);
  const auto back = decode_state(text);
  ASSERT_TRUE(back.ok()) << describe(back.error());
  EXPECT_EQ(*back, state);
}

TEST(State, DamageIsAnError) {
  struct Row {
    const char* text;
    ErrorCode code;
    const char* message;
  };
  using enum ErrorCode;
  const Row rows[] = {
      {"", malformed, "not JSON: cannot go on at byte 1"},
      {"{}", malformed, "version is missing"},
      {"[]", malformed, "this is JSON, but not an object"},
      {R"({"version":"1","probes":[]})", malformed,
       "version must be a whole number from -2147483648 to 2147483647"},
      {R"({"version":2,"everything":"else"})", unsupported, "a state file of version 2, not 1"},
      {R"({"version":0,"probes":[]})", unsupported, "a state file of version 0, not 1"},
      {R"({"version":1})", malformed, "probes is missing"},
      {R"({"version":1,"probes":{}})", malformed, "probes must be an array"},
      {R"({"version":1,"probes":[7]})", malformed, "probes[0] must be an object"},
      {R"({"version":1,"probes":[{"name":"f","owner_uid":0}]})", malformed,
       "probes[0].spec is missing"},
      {R"({"version":1,"probes":[{"spec":"p f","owner_uid":0}]})", malformed,
       "probes[0].name is missing"},
      {R"({"version":1,"probes":[{"spec":"p f","name":"f"}]})", malformed,
       "probes[0].owner_uid is missing"},
      {R"({"version":1,"probes":[{"spec":"p f","name":"f","owner_uid":4294967296}]})", malformed,
       "probes[0].owner_uid must be a whole number from 0 to 4294967295"},
      {R"({"version":1,"probes":[],"crash_times_ms":[-1]})", malformed,
       "crash_times_ms[0] must be a whole number from 0 to 18446744073709551615"},
      {R"({"version":1,"probes":[[[[[[[[]]]]]]]]})", too_many,
       "arrays and objects may be nested 8 levels deep"},
  };
  for (const Row& row : rows) {
    const auto state = decode_state(row.text);
    ASSERT_FALSE(state.ok()) << row.text;
    EXPECT_EQ(word(state.error().code), word(row.code)) << row.text;
    EXPECT_EQ(state.error().message, row.message) << row.text;
  }
}

TEST(State, CutOffAnywhereIsAnError) {
  std::string text =
      encode_state({kStateVersion, {{"p f", "f", 0, false, {}, false, false, "", "", ""}}, {1, 2}});
  text.pop_back();  // the newline may be missing
  ASSERT_TRUE(decode_state(text).ok());
  while (!text.empty()) {
    text.pop_back();
    EXPECT_FALSE(decode_state(text).ok()) << text;
  }
}

TEST(State, ZeroesAfterAPowerCutAreAnError) {
  EXPECT_FALSE(decode_state(std::string(4096, '\0')).ok());
}

}  // namespace
}  // namespace kprobed::wire
