// SPDX-License-Identifier: Apache-2.0
#include "probespec/suggest.h"

#include <gtest/gtest.h>

namespace kprobed::probespec {
namespace {

// A word that is no parameter of the function: what may have been meant.
TEST(Suggest, Words) {
  const struct {
    std::string_view text, meant;
  } rows[] = {
      {"$retvl", "$retval"},
      {"$RETVAL", "$retval"},
      {"retval", "$retval"},
      {"$ret", "$retval"},
      {"$rv", "$retval"},
      {"ra", "rp"},
      {"sa", "$stack"},
      {"$a2", "a2"},
      {"A2", "a2"},
      {"arg3", "$arg3"},
      {"$stck12", "$stack12"},
      {"$COMM", "$comm"},
      {"fd", ""},
      {"filename", ""},
      {"$nonsense", ""},
      {"", ""},
  };
  for (const auto& row : rows) EXPECT_EQ(suggest_word(row.text), row.meant) << row.text;
}

TEST(Suggest, Types) {
  const struct {
    std::string_view text, meant;
  } rows[] = {
      {"unsigned", "uint"}, {"__u32", "u32"},      {"uint32_t", "u32"},
      {"size_t", "ulong"},  {"loff_t", "s64"},     {"u128", "u64"},
      {"U32", "u32"},       {"_Bool", "bool"},     {"char*", "string"},
      {"strnig", "string"}, {"ustrin", "ustring"}, {"symbl", "symbol"},
      {"lnog", "long"},     {"float", ""},         {"", ""},
  };
  for (const auto& row : rows) EXPECT_EQ(suggest_type(row.text), row.meant) << row.text;
}

TEST(Suggest, TheNearest) {
  constexpr std::string_view kNames[] = {"filename", "flags", "dfd"};
  const struct {
    std::string_view text, meant;
  } rows[] = {
      {"filenmae", "filename"}, {"flag", "flags"}, {"DFD", "dfd"}, {"xy", ""}, {"mode", ""}};
  for (const auto& row : rows) EXPECT_EQ(nearest(row.text, kNames), row.meant) << row.text;
}

}  // namespace
}  // namespace kprobed::probespec
