// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "base/result.h"

namespace kprobed {
namespace {

Span span_of(std::string text, std::uint32_t begin, std::uint32_t end, std::uint32_t line = 1) {
  return {std::make_shared<Source>(Source{"argument 1", std::move(text)}), line, begin, end};
}

TEST(Render, PutsTheCaretUnderTheToken) {
  struct Row {
    const char* name;
    Span span;
    const char* expected;
  };
  const Row rows[] = {
      {"one token", span_of("p vfs_read b1", 11, 13),
       "argument 1:1:12: m\n  p vfs_read b1\n             ^~\n"},
      {"a point", span_of("p", 1, 1), "argument 1:1:2: m\n  p\n   ^\n"},
      {"second line", span_of("# c\nr x y", 2, 3, 2), "argument 1:2:3: m\n  r x y\n    ^\n"},
      {"tabs are kept", span_of("p\tx", 2, 3), "argument 1:1:3: m\n  p\tx\n   \t^\n"},
      {"a character of two bytes is one column", span_of("p \xc3\xa4 x", 5, 6),
       "argument 1:1:6: m\n  p \xc3\xa4 x\n      ^\n"},
      {"escape sequences do not reach the terminal", span_of("p \x1b[31m", 2, 3),
       "argument 1:1:3: m\n  p ?[31m\n    ^\n"},
      {"beyond the end", span_of("p x", 40, 50), "argument 1:1:41: m\n  p x\n     ^\n"},
      {"unknown", Span{}, "m\n"},
  };
  for (const Row& row : rows) {
    Error error(ErrorCode::syntax, "m");
    error.span = row.span;
    EXPECT_EQ(render(error), row.expected) << row.name;
  }
}

TEST(Render, CutsALongLineAroundTheSpan) {
  const std::string line = std::string(3000, 'x') + " BAD " + std::string(3000, 'y');
  Error error(ErrorCode::syntax, "m");
  error.span = span_of(line, 3001, 3004);
  const std::string picture = render(error);
  EXPECT_LT(picture.size(), 500u);
  // The caret's column holds the token in the line above.
  const std::size_t first = picture.find('\n') + 1, second = picture.find('\n', first) + 1;
  const std::size_t caret = picture.find('^', second) - second;
  EXPECT_EQ(picture.substr(first + caret, 3), "BAD");
}

TEST(Render, AddsErrnoContextAndHint) {
  Error error = Error(ErrorCode::io, "open 'x'").with_errno(ENOENT).with_hint("do that");
  EXPECT_EQ(render(std::move(error).while_doing("inner").while_doing("outer")),
            "outer: inner: open 'x': No such file or directory\n  hint: do that\n");
}

TEST(SystemError, MapsErrnoToACode) {
  struct Row {
    int err;
    ErrorCode code;
  };
  for (const Row row : {Row{EPERM, ErrorCode::no_permission}, Row{EACCES, ErrorCode::no_permission},
                        Row{EMFILE, ErrorCode::exhausted}, Row{ENOMEM, ErrorCode::exhausted},
                        Row{EBUSY, ErrorCode::busy}, Row{ENOENT, ErrorCode::io}}) {
    EXPECT_EQ(system_error(row.err, "x").code, row.code) << errno_name(row.err);
  }
}

TEST(ErrorCodes, HaveAWordEach) {
  std::string seen = " ";
  for (int i = 0; i <= static_cast<int>(ErrorCode::internal); ++i) {
    const std::string name(word(static_cast<ErrorCode>(i)));
    EXPECT_EQ(seen.find(" " + name + " "), std::string::npos) << name;
    seen += name + " ";
  }
}

Result<int> half(int n) {
  if (n % 2 != 0) return Error(ErrorCode::bad_number, "odd");
  return n / 2;
}

Result<int> quarter(int n) {
  KPROBED_TRY(const int once, half(n));
  KPROBED_TRY(const int twice, half(once));
  return twice;
}

TEST(ResultTry, ReturnsTheFirstError) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(6).error().message, "odd");
}

}  // namespace
}  // namespace kprobed
