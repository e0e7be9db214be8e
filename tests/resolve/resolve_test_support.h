// SPDX-License-Identifier: Apache-2.0
//
// From the text of a spec to the line for the kernel, for tests that read as tables.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "probespec/parse.h"
#include "resolve/kernel_line.h"
#include "resolve/resolved_probe.h"

namespace kprobed::resolve {

inline probespec::ProbeSpec spec_of(std::string_view text) {
  auto parsed = probespec::parse(std::make_shared<Source>(Source{"test", std::string(text)}));
  for (const Error& error : parsed.errors) ADD_FAILURE() << render(error);
  if (parsed.specs.size() != 1) {
    ADD_FAILURE() << "not one spec: " << text;
    return {};
  }
  return parsed.specs.front();
}

inline Result<ResolvedProbe> resolve_text(std::string_view text, const KernelView& kernel,
                                          const ResolveOptions& options = {}) {
  return resolve(spec_of(text), kernel, options);
}

/// The line under the name g/e without its hidden fetchargs, or the error in words.
inline std::string line_of(std::string_view text, const KernelView& kernel,
                           const ResolveOptions& options = {}) {
  auto probe = resolve_text(text, kernel, options);
  if (!probe.ok()) return render(probe.error());
  forget_padding(*probe);
  return compose_line(*probe, "g", "e").text;
}

/// The places in all of the lines, "a+0 b+0", or the error in words.
inline std::string points_of(std::string_view text, const KernelView& kernel,
                             const ResolveOptions& options = {}) {
  auto probe = resolve_text(text, kernel, options);
  if (!probe.ok()) return render(probe.error());
  std::string points;
  for (const KernelLine& line : compose_lines(*probe, "g", "e")) {
    const std::size_t begin = line.text.find(' ') + 1;
    const std::size_t end = std::min(line.text.find(' ', begin), line.text.size());
    points += (points.empty() ? "" : " ") + line.text.substr(begin, end - begin);
  }
  return points;
}

/// "code code" of the remarks, in their order.
inline std::string remarks_of(std::string_view text, const KernelView& kernel,
                              const ResolveOptions& options = {}) {
  auto probe = resolve_text(text, kernel, options);
  if (!probe.ok()) return render(probe.error());
  std::string codes;
  for (const Remark& remark : probe->remarks) {
    codes += (codes.empty() ? "" : " ") + remark.code;
  }
  return codes;
}

/// A row of an error table: '^' in the text stands before the blamed token and is taken out.
struct Refusal {
  std::string text;  ///< with the caret
  ErrorCode code;
  std::string blamed;           ///< the token
  std::string_view says;        ///< in the message
  std::string_view hints = {};  ///< in the hint
};

inline void expect_refusal(const Refusal& row, const KernelView& kernel,
                           const ResolveOptions& options = {}) {
  SCOPED_TRACE(row.text);
  std::string text(row.text);
  const std::size_t caret = text.find('^');
  ASSERT_NE(caret, std::string::npos);
  text.erase(caret, 1);
  auto probe = resolve_text(text, kernel, options);
  ASSERT_FALSE(probe.ok()) << compose_line(*probe, "g", "e").text;
  const Error& error = probe.error();
  EXPECT_EQ(word(error.code), word(row.code)) << render(error);
  ASSERT_TRUE(error.span.known()) << render(error);
  EXPECT_EQ(error.span.begin, caret) << render(error);
  EXPECT_EQ(line_text(error.span).substr(error.span.begin, error.span.end - error.span.begin),
            row.blamed);
  EXPECT_NE(error.message.find(row.says), std::string::npos) << render(error);
  EXPECT_NE(error.hint.find(row.hints), std::string::npos) << render(error);
}

}  // namespace kprobed::resolve
