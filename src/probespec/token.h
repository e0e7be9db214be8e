// SPDX-License-Identifier: Apache-2.0
//
// What the parser walks: a stretch of one line that knows where it stands, so that every part of a
// spec and every error gets its Span from the text itself.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/span.h"

namespace kprobed::probespec {

/// One line of a Source without its line end. Must outlive the Tokens cut from it.
struct Line {
  std::shared_ptr<const Source> source;
  std::uint32_t number = 0;  ///< 1-based
  std::string_view text;     ///< points into source->text
};

class Token {
 public:
  /// Bytes [begin, end) of the line.
  Token(const Line& line, std::size_t begin, std::size_t end)
      : line_(&line), begin_(begin), end_(end) {}

  std::string_view text() const { return line_->text.substr(begin_, end_ - begin_); }
  std::size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }

  /// At most `count` bytes from `from` on; both are cut to what there is.
  Token part(std::size_t from, std::size_t count = std::string_view::npos) const {
    const std::size_t begin = begin_ + std::min(from, size());
    return {*line_, begin, begin + std::min(count, end_ - begin)};
  }

  /// The point behind the last byte: where something is missing.
  Token after() const { return part(size()); }

  Span span() const {
    return {line_->source, line_->number, static_cast<std::uint32_t>(begin_),
            static_cast<std::uint32_t>(end_)};
  }

 private:
  const Line* line_;
  std::size_t begin_;
  std::size_t end_;
};

/// An error that blames `where`.
inline Error blame(const Token& where, ErrorCode code, std::string message, std::string hint) {
  return Error(code, std::move(message)).with_hint(std::move(hint)).at(where.span());
}

/// `text`, cut where it is too long to be read in a message.
inline std::string clipped(std::string_view text) {
  constexpr std::size_t kReadable = 48;
  if (text.size() <= kReadable) return std::string(text);
  return std::string(text.substr(0, kReadable)) + "...";
}

inline std::string quoted(std::string_view text) { return "'" + clipped(text) + "'"; }

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Of names: [A-Za-z0-9_]
inline bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
}

inline bool begins_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

inline bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

}  // namespace kprobed::probespec
