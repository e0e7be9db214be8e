// SPDX-License-Identifier: Apache-2.0
#include "daemon/line_reader.h"

namespace kprobed::daemon {

void LineReader::feed(std::string_view bytes) {
  buffer_.erase(0, begin_);
  searched_ -= begin_;
  begin_ = 0;
  buffer_.append(bytes);
}

std::optional<LineReader::Line> LineReader::next() {
  while (true) {
    const std::size_t newline = buffer_.find('\n', searched_);
    if (newline == std::string::npos) {
      searched_ = buffer_.size();
      if (skipping_) {
        begin_ = searched_;
        return std::nullopt;
      }
      if (size() < limit_) return std::nullopt;
      // Even a newline as the next byte would be too late.
      skipping_ = true;
      buffer_ = std::string();  // gives the memory back
      begin_ = searched_ = 0;
      return Line{.text = {}, .too_long = true};
    }
    const std::size_t begin = begin_;
    begin_ = searched_ = newline + 1;
    if (skipping_) {
      skipping_ = false;
      continue;
    }
    if (newline + 1 - begin > limit_) return Line{.text = {}, .too_long = true};
    return Line{.text = buffer_.substr(begin, newline - begin), .too_long = false};
  }
}

}  // namespace kprobed::daemon
