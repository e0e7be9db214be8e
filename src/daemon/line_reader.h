// SPDX-License-Identifier: Apache-2.0
//
// Cuts what a client sends into lines, and never holds more than one line may have.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kprobed::daemon {

class LineReader {
 public:
  /// `limit`: bytes of a line, newline included.
  explicit LineReader(std::size_t limit) : limit_(limit) {}

  /// Give it more only when next() has nothing left.
  void feed(std::string_view bytes);

  struct Line {
    std::string text;       ///< without newline; empty if too long
    bool too_long = false;  ///< said once, as soon as it is known; the rest of the line is skipped
  };
  /// The next complete line; nullopt until more is fed.
  std::optional<Line> next();

  /// Bytes held.
  std::size_t size() const { return buffer_.size() - begin_; }

 private:
  std::size_t limit_;
  std::string buffer_;
  std::size_t begin_ = 0;     ///< of what has not been handed out
  std::size_t searched_ = 0;  ///< up to here there is no newline
  bool skipping_ = false;     ///< up to the next newline
};

}  // namespace kprobed::daemon
