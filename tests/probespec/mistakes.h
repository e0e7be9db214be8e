// SPDX-License-Identifier: Apache-2.0
//
// Rows of what is refused, and where the caret stands.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <span>
#include <string>

#include "probespec/parse.h"
#include "spec_text.h"

namespace kprobed::probespec {

struct Mistake {
  std::string text;  ///< '^' stands before the blamed token and is not part of it
  ErrorCode code;
  std::string blamed;  ///< the token; "" for a point where something is missing
  std::string says;    ///< part of the message or the hint
};

inline void expect_each(std::span<const Mistake> rows) {
  for (Mistake row : rows) {
    SCOPED_TRACE(row.text.substr(0, 80));
    const std::size_t caret = row.text.find('^');
    ASSERT_NE(caret, std::string::npos);
    row.text.erase(caret, 1);
    const Parsed parsed = parse_text(row.text);
    EXPECT_TRUE(parsed.specs.empty());
    ASSERT_EQ(parsed.errors.size(), 1U);
    const Error& error = parsed.errors[0];
    EXPECT_EQ(word(error.code), word(row.code)) << error.message;
    EXPECT_TRUE(error.span.known());
    EXPECT_EQ(error.span.line, 1U);
    EXPECT_EQ(error.span.begin, caret) << error.message;
    EXPECT_EQ(covered(error.span), row.blamed);
    EXPECT_THAT(error.message + " | " + error.hint, testing::HasSubstr(row.says));
    EXPECT_FALSE(error.message.empty());
    EXPECT_FALSE(error.hint.empty());
    EXPECT_LT(error.message.size(), 200U);
    EXPECT_LT(error.hint.size(), 250U);
  }
}

}  // namespace kprobed::probespec
