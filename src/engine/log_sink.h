// SPDX-License-Identifier: Apache-2.0
//
// The pump's sink in the daemon: lines and their index, gathered into chunks for the log. Used by
// the pump thread only.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/pump.h"
#include "stream/json_lines.h"
#include "stream/stream_log.h"

namespace kprobed::engine {

class LogSink final : public Sink {
 public:
  /// `published` is called after each chunk. All must outlive the sink.
  LogSink(stream::StreamLog& log, const stream::AddressNames& names, stream::WallClock& clock,
          std::function<void()> published);

  bool event(const stream::Event& event) override;
  void lost(const stream::LostNote& note) override;
  void probe(const stream::ProbeNote& note, std::uint32_t number);
  void discarded(const stream::DiscardedNote& note, std::uint32_t number) override;
  void cpu(const stream::CpuNote& note);
  void clock(const stream::ClockNote& note);

  /// Gives what was gathered to the log.
  void publish();

 private:
  void index(std::uint64_t seq, std::size_t begin, std::uint32_t probe, std::uint32_t pid);

  stream::StreamLog& log_;
  stream::JsonLines lines_;
  std::function<void()> published_;
  // Reused from chunk to chunk: what is allocated per chunk is its exact copy.
  std::string text_;
  std::vector<stream::LogLine> index_;
};

}  // namespace kprobed::engine
