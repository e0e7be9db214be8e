// SPDX-License-Identifier: Apache-2.0
//
// The pump's sink in `run`: events as lines in the chosen form.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "engine/pump.h"
#include "stream/event_plan.h"
#include "stream/wall_clock.h"

namespace kprobed::kprobectl {

enum class OutputForm : std::uint8_t { json, table, trace };

/// Turns events into text; one class per form.
class Printer : public engine::Sink {
 public:
  /// Lines are appended to `out`. `names`, `clock` and `out` must outlive the printer.
  static std::unique_ptr<Printer> make(OutputForm form, const stream::AddressNames& names,
                                       stream::WallClock& clock, std::string& out);

  /// Before everything else: column heads, none in JSON.
  virtual void header() {}
  /// JSON only: what a probe's events will look like.
  virtual void schema(const stream::EventPlan&) {}
};

/// Passes on the first `limit` events, and all that is said about losses.
class LimitedSink final : public engine::Sink {
 public:
  LimitedSink(engine::Sink& next, std::uint64_t limit) : next_(next), limit_(limit) {}
  bool event(const stream::Event& event) override;
  void lost(const stream::LostNote& note) override;
  bool reached() const { return passed_ == limit_; }
  std::uint64_t passed() const { return passed_; }
  /// How many events of that CPU were said to be lost.
  std::uint64_t lost_on(std::uint32_t cpu) const;

 private:
  engine::Sink& next_;
  std::uint64_t limit_, passed_ = 0;
  std::map<std::uint32_t, std::uint64_t> lost_;
};

}  // namespace kprobed::kprobectl
