// SPDX-License-Identifier: Apache-2.0
//
// What the tests of the language share: text in, one spec or one error out.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/span.h"
#include "probespec/parse.h"

namespace kprobed::probespec {

inline Parsed parse_text(std::string text) {
  return parse(std::make_shared<const Source>(Source{"test", std::move(text)}));
}

/// The only spec of `text`. A default one, and a failed test, if there is none or another.
inline ProbeSpec parse_one(const std::string& text) {
  Parsed parsed = parse_text(text);
  for (const Error& error : parsed.errors) ADD_FAILURE() << render(error);
  EXPECT_EQ(parsed.specs.size(), 1U) << text;
  return parsed.specs.size() == 1 ? parsed.specs[0] : ProbeSpec{};
}

/// The text that a span covers.
inline std::string_view covered(const Span& span) {
  return line_text(span).substr(span.begin, span.end - span.begin);
}

inline std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace kprobed::probespec
