// SPDX-License-Identifier: Apache-2.0
//
// The pump's sink in the daemon: lines and their index, gathered into chunks for the log. Used by
// the pump thread only.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/pump.h"
#include "stream/json_encoder.h"
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
  void sampling(const stream::SamplingNote& note, std::uint32_t number);
  void cpu(const stream::CpuNote& note);
  void ledger(const stream::LedgerNote& note, std::uint32_t number);
  void clock(const stream::ClockNote& note);

  /// Gives what was gathered to the log.
  void publish();

  /// Addresses are called otherwise from now on.
  void names_changed() { lines_.names_changed(); }

 private:
  void index(std::uint64_t seq, std::size_t begin, std::uint32_t probe);

  stream::StreamLog& log_;
  stream::JsonEncoder lines_;
  std::function<void()> published_;
  // A large one becomes the chunk; what a quiet system publishes is an exact copy.
  stream::LineBuffer text_;
  std::vector<stream::LogLine> index_;
};

}  // namespace kprobed::engine
