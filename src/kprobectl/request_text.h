// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kprobectl/spec_input.h"

namespace kprobed::kprobectl {

/// Several sources as the one text that a request carries, and the way back from a place in it to
/// the user's own argument or file.
class RequestText {
 public:
  explicit RequestText(Sources sources);

  /// Every line of every source, in order, each ended by '\n'.
  const std::shared_ptr<const Source>& joined() const { return joined_; }

  /// `line` is 1-based in joined(), columns as in Span. Unknown for line 0 and lines that are not
  /// there.
  Span place(std::uint32_t line, std::uint32_t begin, std::uint32_t end) const;

  /// An error about joined() as one about the user's text.
  Error back(Error error) const;

 private:
  struct Part {
    std::shared_ptr<const Source> source;
    std::uint32_t first_line, lines;
  };
  std::vector<Part> parts_;
  std::shared_ptr<const Source> joined_;
};

}  // namespace kprobed::kprobectl
