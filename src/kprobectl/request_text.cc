// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/request_text.h"

#include <algorithm>

namespace kprobed::kprobectl {

RequestText::RequestText(Sources sources) {
  Source all{.name = "request", .text = {}};
  std::uint32_t next_line = 1;
  for (auto& source : sources) {
    const std::size_t begin = all.text.size();
    all.text += source->text;
    if (!source->text.empty() && source->text.back() != '\n') all.text += '\n';
    const auto lines = static_cast<std::uint32_t>(
        std::count(all.text.begin() + static_cast<std::ptrdiff_t>(begin), all.text.end(), '\n'));
    parts_.push_back({.source = std::move(source), .first_line = next_line, .lines = lines});
    next_line += lines;
  }
  joined_ = std::make_shared<Source>(std::move(all));
}

Span RequestText::place(std::uint32_t line, std::uint32_t begin, std::uint32_t end) const {
  for (const Part& part : parts_) {
    if (line >= part.first_line && line - part.first_line < part.lines)
      return {part.source, line - part.first_line + 1, begin, end};
  }
  return {};
}

Error RequestText::back(Error error) const {
  if (error.span.source == joined_)
    error.span = place(error.span.line, error.span.begin, error.span.end);
  return error;
}

}  // namespace kprobed::kprobectl
