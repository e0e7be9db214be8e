// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/format.h"

namespace kprobed {

Error::Error() = default;
Error::Error(ErrorCode c, std::string m) : code(c), message(std::move(m)) {}
Error::Error(const Error&) = default;
Error::Error(Error&&) noexcept = default;
Error& Error::operator=(const Error&) = default;
Error& Error::operator=(Error&&) noexcept = default;
Error::~Error() = default;

Error& Error::with_hint(std::string text) & {
  hint = std::move(text);
  return *this;
}

Error&& Error::with_hint(std::string text) && {
  hint = std::move(text);
  return std::move(*this);
}

Error& Error::at(Span where) & {
  span = std::move(where);
  return *this;
}

Error&& Error::at(Span where) && {
  span = std::move(where);
  return std::move(*this);
}

Error& Error::with_errno(int number) & {
  sys_errno = number;
  return *this;
}

Error&& Error::with_errno(int number) && {
  sys_errno = number;
  return std::move(*this);
}

Error&& Error::while_doing(std::string what) && {
  doing.push_back(std::move(what));
  return std::move(*this);
}

std::string_view word(ErrorCode code) {
  switch (code) {
    case ErrorCode::syntax:
      return "syntax";
    case ErrorCode::unknown_register:
      return "unknown_register";
    case ErrorCode::unknown_type:
      return "unknown_type";
    case ErrorCode::bad_number:
      return "bad_number";
    case ErrorCode::bad_name:
      return "bad_name";
    case ErrorCode::name_used:
      return "name_used";
    case ErrorCode::wrong_place:
      return "wrong_place";
    case ErrorCode::too_long:
      return "too_long";
    case ErrorCode::too_many:
      return "too_many";
    case ErrorCode::symbol_not_found:
      return "symbol_not_found";
    case ErrorCode::symbol_not_unique:
      return "symbol_not_unique";
    case ErrorCode::bad_address:
      return "bad_address";
    case ErrorCode::unsupported:
      return "unsupported";
    case ErrorCode::oversize:
      return "oversize";
    case ErrorCode::no_permission:
      return "no_permission";
    case ErrorCode::no_tracefs:
      return "no_tracefs";
    case ErrorCode::no_kprobes:
      return "no_kprobes";
    case ErrorCode::kernel_refused:
      return "kernel_refused";
    case ErrorCode::busy:
      return "busy";
    case ErrorCode::cancelled:
      return "cancelled";
    case ErrorCode::exhausted:
      return "exhausted";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::io:
      return "io";
    case ErrorCode::usage:
      return "usage";
    case ErrorCode::malformed:
      return "malformed";
    case ErrorCode::internal:
      return "internal";
  }
  return "internal";
}

Error system_error(int err, std::string_view what) {
  ErrorCode code = ErrorCode::io;
  switch (err) {
    case EACCES:
    case EPERM:
      code = ErrorCode::no_permission;
      break;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      code = ErrorCode::exhausted;
      break;
    case EBUSY:
      code = ErrorCode::busy;
      break;
    default:
      break;
  }
  return Error(code, std::string(what)).with_errno(err);
}

std::string describe(const Error& error) {
  std::string text;
  for (auto step = error.doing.rbegin(); step != error.doing.rend(); ++step) text += *step + ": ";
  text += error.message;
  if (error.sys_errno != 0) {
    // strerrordesc_np (glibc 2.32) is the thread-safe one and speaks no locale.
    const char* meaning = strerrordesc_np(error.sys_errno);
    text += ": ";
    text += meaning != nullptr ? std::string(meaning) : errno_name(error.sys_errno);
  }
  return text;
}

namespace {

/// Columns of the user's line that are shown around a span; a longer line is cut.
constexpr std::size_t kShownColumns = 110;

struct Excerpt {
  std::string text;        ///< with "..." where it was cut
  std::size_t begin, end;  ///< the span in it
};

Excerpt cut_around(std::string_view line, std::size_t begin, std::size_t end) {
  begin = std::min(begin, line.size());
  end = std::clamp(end, begin, line.size());
  if (line.size() <= kShownColumns) return {std::string(line), begin, end};
  constexpr std::string_view kCut = "...";
  const std::size_t lead = kShownColumns / 3;
  const std::size_t from = begin > lead ? begin - lead : 0;
  std::string text;
  if (from > 0) text += kCut;
  const std::size_t shift = text.size();
  text += line.substr(from, kShownColumns);
  const std::size_t limit = text.size();
  if (from + kShownColumns < line.size()) text += kCut;
  return {text, begin - from + shift, std::min(end - from + shift, limit)};
}

/// A tab is what it is; anything else a terminal would act on becomes '?'.
std::string printable(std::string_view text) {
  std::string shown(text);
  for (char& c : shown) {
    const auto byte = static_cast<unsigned char>(c);
    if (c != '\t' && (byte < 0x20 || byte == 0x7f)) c = '?';
  }
  return shown;
}

}  // namespace

std::string render(const Error& error) {
  return render_at(error.span, describe(error), error.hint);
}

std::string render_at(const Span& span, std::string_view headline, std::string_view hint) {
  std::string out;
  if (span.known()) out += format("{}:{}:{}: ", span.source->name, span.line, span.begin + 1);
  out += printable(headline);
  out += "\n";
  const std::string_view line = line_text(span);
  if (!line.empty()) {
    Excerpt excerpt = cut_around(line, span.begin, span.end);
    std::string marks;
    for (std::size_t i = 0; i < excerpt.begin; ++i) {
      // A byte inside a UTF-8 character takes no column of its own.
      const auto byte = static_cast<unsigned char>(excerpt.text[i]);
      if ((byte & 0xc0) != 0x80) marks += byte == '\t' ? '\t' : ' ';
    }
    std::size_t width = 0;
    for (std::size_t i = excerpt.begin; i < excerpt.end; ++i) {
      if ((static_cast<unsigned char>(excerpt.text[i]) & 0xc0) != 0x80) ++width;
    }
    marks += '^' + std::string(width > 1 ? width - 1 : 0, '~');
    out += "  " + printable(excerpt.text) + "\n  " + marks + "\n";
  }
  if (!hint.empty()) out += "  hint: " + printable(hint) + "\n";
  return out;
}

std::string errno_name(int err) {
  const char* name = strerrorname_np(err);
  return name != nullptr ? std::string(name) : format("errno {}", err);
}

}  // namespace kprobed
