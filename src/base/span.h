// SPDX-License-Identifier: Apache-2.0
//
// Where in the user's own text something was written. Every part of a spec carries a Span, and so
// does every error about it, so that a caret is never guessed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace kprobed {

/// A piece of text the user gave: one command-line argument, one file, one client request.
struct Source {
  std::string name;  ///< shown before a position: "argument 1", "/etc/kprobed/probes.d/a.probes"
  std::string text;  ///< all of it, lines separated by '\n'
};

/// A range of bytes inside one line of a Source.
struct Span {
  std::shared_ptr<const Source> source;  ///< null: the position is unknown
  std::uint32_t line = 0;                ///< 1-based; 0: unknown
  std::uint32_t begin = 0;               ///< 0-based byte column in that line
  std::uint32_t end = 0;                 ///< one past the last byte; end == begin marks a point

  bool known() const { return source != nullptr && line != 0; }
  bool operator==(const Span&) const = default;
};

/// The text of `span`'s line without its newline; empty where the span is unknown.
std::string_view line_text(const Span& span);

/// The smallest span covering both; both must lie in the same line of the same source.
Span cover(const Span& first, const Span& last);

}  // namespace kprobed
