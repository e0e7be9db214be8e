// SPDX-License-Identifier: Apache-2.0
//
// The stream's memory: a bounded sequence of immutable chunks of encoded lines. Clients are cursors
// into it; whoever falls off its tail is told which lines are gone. One thread writes (the pump),
// any number read; nobody waits for anybody.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "stream/line_buffer.h"

namespace kprobed::stream {

/// One line, as filters see it.
struct LogLine {
  std::uint64_t seq = 0;
  std::uint32_t begin = 0, end = 0;  ///< bytes of the chunk's text, newline included
  std::uint32_t probe = 0;  ///< number in the ProbeDirectory; 0: about the stream, for everybody
  std::uint32_t pid = 0;    ///< of an event: the process; 0 is the idle task
  bool event = false;       ///< a hit of `probe`; else a note, which no choice of pids hides
  bool ledger = false;      ///< a note that a client may do without
};

/// Lines that were drained together. Never changed once published.
struct LogChunk {
  LineBuffer text;
  std::vector<LogLine> lines;  ///< ascending seq without holes

  std::uint64_t first_seq() const { return lines.front().seq; }
  std::uint64_t last_seq() const { return lines.back().seq; }
  /// What it costs, index and itself included: a quiet system's chunks hold one line each.
  std::size_t bytes() const {
    return sizeof(LogChunk) + text.capacity() + lines.capacity() * sizeof(LogLine);
  }
};

class StreamLog {
 public:
  /// At most `max_bytes` of chunks are kept (one chunk at least). `stream_id` is new at every
  /// start, so that a seq of an earlier run is never taken for one of this.
  StreamLog(std::size_t max_bytes, std::string stream_id);

  const std::string& stream_id() const { return stream_id_; }

  /// Appends; its first seq must follow the last one published. Old chunks fall off. An empty chunk
  /// is nothing.
  void publish(std::shared_ptr<const LogChunk> chunk);

  struct Extent {
    std::uint64_t oldest = 1;  ///< seq of the oldest line kept
    std::uint64_t next = 1;    ///< seq the next line will have
    std::size_t bytes = 0, max_bytes = 0;
  };
  Extent extent() const;

  /// The chunk holding `seq`; the oldest chunk if that line has fallen off; nullptr if `seq` is yet
  /// to come.
  std::shared_ptr<const LogChunk> chunk_at(std::uint64_t seq) const;

 private:
  mutable std::mutex mutex_;
  std::deque<std::shared_ptr<const LogChunk>> chunks_;
  std::size_t bytes_ = 0, max_bytes_;
  std::uint64_t next_ = 1;
  std::string stream_id_;
};

}  // namespace kprobed::stream
