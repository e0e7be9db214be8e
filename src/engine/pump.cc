// SPDX-License-Identifier: Apache-2.0
#include "engine/pump.h"

#include <algorithm>
#include <variant>

#include "engine/clocks.h"

namespace kprobed::engine {

using stream::bump;

std::size_t Pump::drain(CpuRings& rings, const PlanTable& plans, Sink& sink) {
  // The time first, then the heads: what is older than this and not yet visible will come `late`.
  const std::uint64_t limit_ns = monotonic_ns();
  ring_percent_ = rings.snapshot();
  const std::size_t taken = merge_.drain(
      rings.readers(), limit_ns, [&](const decode::Record& record, bool late, std::size_t ring) {
        fast_ += rings.is_fast(ring) ? 1 : 0;
        take(record, late, rings.is_side_band(ring), plans, sink);
      });
  merge_.pass_over_future(rings.readers(), limit_ns, [&](Bytes bytes) { pass_over(bytes, plans); });
  pressed_ = rings.release() || pressed_;
  return taken;
}

/// One that says it will have been. Its probe's hits add up all the same.
void Pump::pass_over(Bytes bytes, const PlanTable& plans) {
  ++counts_.malformed;
  const decode::Record record = decode::parse_record(bytes);
  const auto* sample = std::get_if<decode::Sample>(&record);
  const PlanTable::Row* row = sample ? plans.find(sample->stamp.id) : nullptr;
  const stream::EventPlan* plan = row ? row->plan_of(sample->raw) : nullptr;
  if (plan == nullptr) return;
  ++counts_.read;
  if (plan->tally) bump(plan->tally->read);
  if (plan->tally) bump(plan->tally->malformed);
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
      for (const auto& gate : plans.gates()) gate->doubt(lost->stamp.time_ns);
      if (!plans.gates().empty()) loaded_.emplace_back();
    } else {
      LostBook& book = lost_of(lost->stamp.cpu);
      const std::uint64_t known = std::min(book.ahead, lost->count);
      book.ahead -= known;
      const std::uint64_t fresh = lost->count - known;
      if (fresh == 0) return;
      book.told += fresh;
      counts_.lost += fresh;
      sink.lost({.stamp = lost->stamp, .seq = take_seq(), .count = fresh});
    }
  } else if (std::holds_alternative<decode::Bad>(record)) {
    ++counts_.malformed;
  }
}

Pump::LostBook& Pump::lost_of(unsigned cpu) {
  if (cpu >= lost_.size()) lost_.resize(cpu + 1);
  return lost_[cpu];
}

void Pump::settle_lost(unsigned cpu, std::uint64_t total, Sink& sink) {
  LostBook& book = lost_of(cpu);
  if (total <= book.told) return;
  const std::uint64_t fresh = total - book.told;
  book.told = total;
  book.ahead += fresh;
  counts_.lost += fresh;
  decode::Stamp stamp;
  stamp.time_ns = monotonic_ns();
  stamp.cpu = cpu;
  sink.lost({.stamp = stamp, .seq = take_seq(), .count = fresh, .tail = true});
}

void Pump::forget_rings(const CpuRings& rings) {
  for (unsigned cpu = 0; cpu < lost_.size(); ++cpu) {
    if (!rings.has(cpu)) lost_[cpu].ahead = 0;
  }
}

std::vector<CpuLost> Pump::lost_by_cpu() const {
  std::vector<CpuLost> all;
  for (unsigned cpu = 0; cpu < lost_.size(); ++cpu) {
    if (lost_[cpu].told != 0) all.push_back({cpu, lost_[cpu].told});
  }
  return all;
}

void Pump::take_sample(const decode::Sample& sample, bool late, const PlanTable& plans,
                       Sink& sink) {
  const PlanTable::Row* row = plans.find(sample.stamp.id);
  if (row == nullptr) {
    if (const ModuleEvent* event = plans.module_event(sample.stamp.id)) {
      return take_module_event(*event, sample, plans);
    }
    ++counts_.unclaimed;
    return;
  }
  const stream::EventPlan* found = row->plan_of(sample.raw);
  if (found == nullptr) {
    ++counts_.unclaimed;
    row->group->leave_unclaimed(sample.raw);
    return;
  }
  const stream::EventPlan& plan = *found;
  if (hide_ != 0) [[unlikely]] {
    --hide_;
    return;
  }
  ++counts_.read;
  if (plan.tally) bump(plan.tally->read);
  if (sample.raw.size() < plan.fields.min_bytes) {
    ++counts_.malformed;
    if (plan.tally) bump(plan.tally->malformed);
    return;
  }
  if (excluded_pid_ != 0 && sample.stamp.pid == excluded_pid_) {
    ++counts_.excluded;
    if (plan.tally) bump(plan.tally->excluded);
    return;
  }
  std::uint32_t generation = 0;
  if (row->gate) {
    const ModuleGate::Way way = row->gate->way_of(plan.number, sample.stamp.time_ns);
    if (way.pass == ModuleGate::Pass::held) return hold(*row, sample);
    if (way.pass == ModuleGate::Pass::shut) return discard(row->plan);
    generation = way.generation;
  }
  publish({.plan = &plan,
           .stamp = sample.stamp,
           .raw = Bytes(sample.raw.data(), sample.raw.size()),
           .seq = seq_ + 1,
           .comm = tasks_.comm(sample.stamp.tid),
           .late = late,
           .generation = generation},
          sink);
}

/// The event is put together by who calls: a view passed on through the stack would be read whole
/// before its halves have been written.
void Pump::publish(const stream::Event& event, Sink& sink) {
  if (!sink.event(event)) {
    ++counts_.malformed;
    if (event.plan->tally) bump(event.plan->tally->malformed);
    return;
  }
  ++seq_;
  ++counts_.published;
  if (event.late) ++counts_.late;
}

void Pump::take_module_event(const ModuleEvent& event, const decode::Sample& sample,
                             const PlanTable& plans) {
  const std::string module = event.module_of(sample.raw);
  for (const std::shared_ptr<ModuleGate>& gate : plans.gates()) {
    if (gate->module() != module) continue;
    if (event.load) {
      gate->loaded(sample.stamp.time_ns);
      loaded_.push_back(module);
    } else {
      gate->freed(sample.stamp.time_ns);
    }
  }
}

void Pump::hold(const PlanTable::Row& row, const decode::Sample& sample) {
  HeldSample held{.plan = row.plan,
                  .gate = row.gate,
                  .stamp = sample.stamp,
                  .raw = {sample.raw.begin(), sample.raw.end()},
                  .comm = std::string(tasks_.comm(sample.stamp.tid))};
  if (held_.add(std::move(held))) {
    ++counts_.held;
    if (row.plan->tally) bump(row.plan->tally->held);
  } else {
    discard(row.plan);
  }
}

void Pump::discard(const std::shared_ptr<const stream::EventPlan>& plan) {
  ++counts_.discarded;
  if (plan->tally) bump(plan->tally->discarded);
  for (auto& [known, count] : shut_out_) {
    if (known == plan) {
      ++count;
      return;
    }
  }
  shut_out_.emplace_back(plan, 1);
}

void Pump::release_held(const PlanTable& plans, Sink& sink, bool last) {
  if (!held_.empty()) {
    const auto way_of = [&](const HeldSample& sample) {
      ModuleGate::Way way = sample.gate->way_of(sample.plan->number, sample.stamp.time_ns);
      const bool gone = plans.find(sample.stamp.id) == nullptr;
      if (gone || (last && way.pass == ModuleGate::Pass::held)) way.pass = ModuleGate::Pass::shut;
      return way;
    };
    held_.release(way_of, [&](const HeldSample& sample, const ModuleGate::Way& way) {
      if (sample.plan->tally) bump(sample.plan->tally->held, ~std::uint64_t{0});  // one less
      if (way.pass == ModuleGate::Pass::shut) return discard(sample.plan);
      // Others have been given out since.
      const bool late = sample.stamp.time_ns < merge_.last_time();
      publish({.plan = plans.find(sample.stamp.id)->plan.get(),
               .stamp = sample.stamp,
               .raw = sample.raw,
               .seq = seq_ + 1,
               .comm = sample.comm,
               .late = late,
               .generation = way.generation},
              sink);
    });
    counts_.held = held_.size();
  }
  // One line for all of a second: a flood of what nobody may see must not become a flood of lines.
  constexpr std::uint64_t kTellEveryNs = 1'000'000'000;
  const std::uint64_t now = monotonic_ns();
  if (shut_out_.empty() || (!last && now - shut_out_told_ns_ < kTellEveryNs)) return;
  shut_out_told_ns_ = now;
  for (const auto& [plan, count] : shut_out_) {
    sink.discarded(
        {.seq = take_seq(),
         .time_ns = now,
         .probe = plan->label.name,
         .count = count,
         .reason = "of another or unknown build of the module, or of a probe that has gone"},
        plan->number);
  }
  shut_out_.clear();
}

}  // namespace kprobed::engine
