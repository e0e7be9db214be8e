// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.h"
#include "wire/messages.h"

namespace kprobed::wire {
namespace {

ErrorCode code_of(std::string_view name) {
  // `internal` is the last of them.
  for (int i = 0; i < static_cast<int>(ErrorCode::internal); ++i) {
    if (word(static_cast<ErrorCode>(i)) == name) return static_cast<ErrorCode>(i);
  }
  return ErrorCode::internal;
}

}  // namespace

WireError to_wire(const Error& error) {
  WireError out;
  out.code = word(error.code);
  out.message = describe(error);
  out.hint = error.hint;
  out.sys_errno = error.sys_errno;
  if (error.span.known()) {
    out.source = error.span.source->name;
    out.line = error.span.line;
    out.begin = error.span.begin;
    out.end = error.span.end;
  }
  return out;
}

Error from_wire(const WireError& error, std::shared_ptr<const Source> sent) {
  Error out(code_of(error.code), error.message);
  out.hint = error.hint;
  if (sent != nullptr && error.line != 0 && error.line <= split_lines(sent->text).size()) {
    out.span = Span{std::move(sent), error.line, error.begin, std::max(error.begin, error.end)};
  }
  return out;
}

}  // namespace kprobed::wire
