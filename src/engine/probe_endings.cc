// SPDX-License-Identifier: Apache-2.0
//
// ProbeTable and what must be kept of a ledger when something ends: a line of an event, an event,
// a CPU's part of one, a burst that was too much for a ring.
#include "engine/probe_endings.h"

#include <algorithm>

#include "engine/clocks.h"
#include "engine/ledger_readings.h"
#include "engine/probe_entry.h"

namespace kprobed::engine {

namespace {
/// Shared events that a probe remembers having left.
constexpr std::size_t kMostEvents = 4;
}  // namespace

ProbeTable::Ending ProbeTable::begin_ending(const ArmedProbe& armed) {
  Ending ending;
  if (!armed.account) return ending;
  ending.arm = armed.account;
  ending.last = armed.alone();
  const EventGroup& group = armed.group();
  // What is silent counts hits that nobody sees, if at all: one reading does for a thousand.
  const bool still_true = ending_lines_ && !group.enabled() &&
                          group.disabled_ns() < ending_lines_ns_ && ending_lines_->of(armed);
  Readings readings;
  if (still_true) {
    readings.lines = ending_lines_;
    readings.armed = all_armed();
    auto& event = readings.events[&group];
    if (auto passed = group.event().passed(); passed.ok()) event.before = event.after = *passed;
    if (auto counts = group.event().counts(); counts.ok()) event.counts = *counts;
    readings.pressed = pump_->pressed();
  } else {
    const std::uint64_t now = monotonic_ns();
    readings = read_counts({&group});
    ending_lines_ = readings.lines;
    ending_lines_ns_ = now;
  }
  readings.armed.push_back(&armed);  // it is in no list any more
  ending.event = event_terms(group, readings);
  if (group.sampled()) ending.sampled = readings.events.at(&group).counts;
  if (const auto counts = readings.lines ? readings.lines->of(armed) : std::nullopt) {
    ending.hits = counts->hits;
    if (counts->missed) ending.missed = ending.arm->missed(*counts->missed);
  }
  if (ending.last) {
    keep_losses(group);
    if (ending.event.lost.value_or(0) != 0) tell_losses();
  }
  return ending;
}

void ProbeTable::finish_ending(Ending ending, std::uint32_t number) {
  if (!ending.arm) return;
  const ArmAccount& arm = *ending.arm;
  EventAccount& event = *arm.event;
  ProbeAccount& probe = *arm.probe;
  stream::LedgerTerms terms = own_terms(arm, ending.event, ending.hits, ending.missed);
  if (ending.sampled && !event.shared())
    terms.sampled_out = sampled_out(ending.sampled, terms);  // all has come now
  if (event.shared()) {
    // Until its line had gone it was hit, and what was read of that is the least there was.
    if (!ending.last && terms.hits)
      terms.hits = std::max(*terms.hits, terms.read + terms.unclaimed);
    if (!terms.shared) terms.seen = terms.hits;
    stream::LedgerTerms gone = terms;
    gone.shared = false;
    event.gone = event.gone + gone;
    if (ending.last) event.closed = ending.event;
    if (terms.shared) {
      std::erase(probe.events, arm.event);
      probe.events.push_back(arm.event);
      if (probe.events.size() > kMostEvents) probe.events.erase(probe.events.begin());
    }
  }
  probe.past = probe.past + terms;
  if (probe.removed) {
    const bool more = std::ranges::any_of(
        all_armed(), [&](const ArmedProbe* other) { return other->account->probe == arm.probe; });
    if (!more) {
      pump_->announce(stream::LedgerNote{.seq = 0,
                                         .time_ns = monotonic_ns(),
                                         .probe = probe.name,
                                         .event = event.shared() ? event.name : "",
                                         .live = false,
                                         .terms = probe.past},
                      number);
    }
  }
  if (event.closed && event.shared()) {
    pump_->announce(stream::LedgerNote{.seq = 0,
                                       .time_ns = monotonic_ns(),
                                       .probe = "",
                                       .event = event.name,
                                       .live = false,
                                       .terms = *event.closed},
                    0);
  }
  pump_->settle();  // before its number is forgotten
}

void ProbeTable::end_account(const Entry& entry) {
  const bool more = std::ranges::any_of(
      all_armed(), [&](const ArmedProbe* other) { return other->account->probe == entry.account; });
  if (!pump_ || more || entry.account->past == kNothingYet) return;
  pump_->announce(stream::LedgerNote{.seq = 0,
                                     .time_ns = monotonic_ns(),
                                     .probe = entry.name,
                                     .event = "",
                                     .live = false,
                                     .terms = entry.account->past},
                  entry.number);
}

void ProbeTable::keep_losses(const EventGroup& group, std::optional<unsigned> cpu) {
  const auto all = group.event().counts_by_cpu();
  if (!all.ok()) return;
  for (const ringbuf::CpuCounts& one : *all) {
    if (!cpu || *cpu == one.cpu) gone_lost_[one.cpu] += one.counts.lost;
  }
}

void ProbeTable::check_losses() {
  if (!pump_) return;
  // The counters cost an interrupt on each CPU for each event: only where there may be news.
  const std::uint64_t pressed = pump_->pressed();
  if (std::exchange(pressed_seen_, pressed) != pressed) tell_losses();
}

void ProbeTable::tell_losses() {
  std::map<unsigned, std::uint64_t> totals = gone_lost_;
  std::set<const EventGroup*> groups;
  for (const ArmedProbe* armed : all_armed()) groups.insert(&armed->group());
  for (const EventGroup* group : groups) {
    const auto all = group->event().counts_by_cpu();
    if (!all.ok()) return;
    for (const ringbuf::CpuCounts& one : *all) totals[one.cpu] += one.counts.lost;
  }
  LostTotals told;
  for (const auto& [cpu, lost] : totals) {
    if (lost != 0) told.push_back({cpu, lost});
  }
  if (!told.empty()) pump_->settle_lost(std::move(told));
}

}  // namespace kprobed::engine
