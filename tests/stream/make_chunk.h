// SPDX-License-Identifier: Apache-2.0
//
// Chunks by hand. Every line's text is its seq.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "stream/stream_log.h"

namespace kprobed::stream::test {

/// One line as the log's index sees it.
struct Line {
  std::uint32_t probe = 0;
  std::uint32_t pid = 0;
  bool event = false;
};

inline std::shared_ptr<const LogChunk> make_chunk(std::uint64_t seq,
                                                  const std::vector<Line>& lines) {
  auto chunk = std::make_shared<LogChunk>();
  chunk->lines.reserve(lines.size());
  chunk->text.reserve(16 * lines.size());
  for (const Line& line : lines) {
    const auto begin = static_cast<std::uint32_t>(chunk->text.size());
    chunk->text += std::to_string(seq) + "\n";
    chunk->lines.push_back({.seq = seq++,
                            .begin = begin,
                            .end = static_cast<std::uint32_t>(chunk->text.size()),
                            .probe = line.probe,
                            .pid = line.pid,
                            .event = line.event});
  }
  return chunk;
}

/// Chunks of one line each are all of one size: this.
inline std::size_t line_bytes() { return make_chunk(1, {Line{}})->bytes(); }

}  // namespace kprobed::stream::test
