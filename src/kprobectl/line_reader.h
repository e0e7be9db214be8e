// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace kprobed::kprobectl {

/// Cuts what comes out of a socket into lines, and holds no more than one unfinished line and what
/// one read brought.
class LineReader {
 public:
  /// A line may have `max_line` bytes, its newline not counted.
  explicit LineReader(std::size_t max_line) : max_line_(max_line) {}

  enum class Fill : std::uint8_t {
    bytes,    ///< something came
    nothing,  ///< nothing is there yet
    end,      ///< the other side closed, or is gone
  };
  /// One recv(2) that does not wait. Errors: `malformed` once a line is too long, what recv says
  /// otherwise.
  Result<Fill> fill(int socket);

  /// The next whole line with its '\n'; valid until fill().
  std::optional<std::string_view> next();

 private:
  std::size_t max_line_;
  std::string buffer_;
  std::size_t at_ = 0;       ///< where the next line begins
  std::size_t scanned_ = 0;  ///< no newline in [at_, scanned_)
};

}  // namespace kprobed::kprobectl
