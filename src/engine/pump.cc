// SPDX-License-Identifier: Apache-2.0
#include "engine/pump.h"

#include <variant>

#include "engine/clocks.h"

namespace kprobed::engine {

std::size_t Pump::drain(CpuRings& rings, const PlanTable& plans, Sink& sink) {
  // The time first, then the heads: what is older than this and not yet visible will come `late`.
  const std::uint64_t limit_ns = monotonic_ns();
  ring_percent_ = rings.snapshot();
  const std::size_t taken = merge_.drain(
      rings.readers(), limit_ns, [&](const decode::Record& record, bool late, std::size_t ring) {
        take(record, late, rings.is_side_band(ring), plans, sink);
      });
  rings.release();
  return taken;
}

void Pump::take(const decode::Record& record, bool late, bool side_band, const PlanTable& plans,
                Sink& sink) {
  if (const auto* sample = std::get_if<decode::Sample>(&record)) {
    take_sample(*sample, late, plans, sink);
  } else if (const auto* comm = std::get_if<decode::CommChange>(&record)) {
    tasks_.on(*comm);
  } else if (const auto* fork = std::get_if<decode::Fork>(&record)) {
    tasks_.on(*fork);
  } else if (const auto* exit = std::get_if<decode::Exit>(&record)) {
    tasks_.on(*exit);
  } else if (const auto* lost = std::get_if<decode::Lost>(&record)) {
    if (side_band) {
      counts_.side_band_lost += lost->count;
      tasks_.forget_all();
    } else {
      counts_.lost += lost->count;
      sink.lost({.stamp = lost->stamp, .seq = take_seq(), .count = lost->count});
    }
  } else if (std::holds_alternative<decode::Bad>(record)) {
    ++counts_.malformed;
  }
}

void Pump::take_sample(const decode::Sample& sample, bool late, const PlanTable& plans,
                       Sink& sink) {
  const stream::EventPlan* plan = plans.find(sample.stamp.id);
  if (plan == nullptr) {
    ++counts_.unclaimed;
    return;
  }
  ++counts_.read;
  if (sample.raw.size() < plan->fields.min_bytes) {
    ++counts_.malformed;
    return;
  }
  if (excluded_pid_ != 0 && sample.stamp.pid == excluded_pid_) {
    ++counts_.excluded;
    return;
  }
  const stream::Event event{.plan = plan,
                            .stamp = sample.stamp,
                            .raw = sample.raw,
                            .seq = seq_ + 1,
                            .comm = tasks_.comm(sample.stamp.tid),
                            .late = late};
  if (!sink.event(event)) {
    ++counts_.malformed;
    return;
  }
  ++seq_;
  ++counts_.published;
  if (late) ++counts_.late;
}

}  // namespace kprobed::engine
