// SPDX-License-Identifier: Apache-2.0
//
// ProbeTable's ledgers: what became of the hits (stream/ledger.h). Three parties count: the kernel
// by line, perf by event and CPU, the pump by probe. Here they are put side by side; docs/ledger.md
// says who counts which term.
#include <algorithm>

#include "engine/clocks.h"
#include "engine/ledger_readings.h"
#include "engine/probe_entry.h"
#include "ringbuf/cpu_list.h"

namespace kprobed::engine {

namespace {

std::uint64_t of(const std::atomic<std::uint64_t>& count) {
  return count.load(std::memory_order_relaxed);
}

}  // namespace

void add_tally(const stream::ProbeTally& tally, stream::LedgerTerms& terms) {
  // The parts before the whole, which the pump bumps first: a live ledger shows too much read
  // rather than too little.
  terms.published += of(tally.published);
  terms.malformed += of(tally.malformed);
  terms.excluded += of(tally.excluded);
  terms.discarded += of(tally.discarded);
  terms.held += of(tally.held);
  terms.unclaimed += of(tally.unclaimed);
  terms.read += of(tally.read);
}

void ProbeTable::open_account(ArmedProbe& armed) const {
  auto account = std::make_shared<EventAccount>();
  account->name = armed.installed() ? armed.installed()->event() : armed.plan()->label.symbol;
  account->profiled = has_profile(armed);
  account->pressed_at_open = pump_->pressed();
  armed.group().account = std::move(account);
}

void ProbeTable::renew_tally(Entry& entry) {
  const auto before = std::exchange(entry.tally, std::make_shared<stream::ProbeTally>());
  entry.earlier_published += of(before->published);
  entry.tally->last_ns.store(of(before->last_ns), std::memory_order_relaxed);
  entry.governed_read = 0;
}

void ProbeTable::begin_account(Entry& entry) {
  entry.account->name = entry.name;
  auto arm = std::make_shared<ArmAccount>();
  arm->probe = entry.account;
  arm->event = entry.armed->group().account;
  arm->tally = entry.tally;
  ++arm->event->arms;
  entry.armed->account = std::move(arm);
}

std::vector<const ArmedProbe*> ProbeTable::all_armed() const {
  std::vector<const ArmedProbe*> all;
  for (const auto& entry : probes_) {
    if (entry->armed && entry->armed->account) all.push_back(entry->armed.get());
  }
  for (const Dead& dead : graveyard_) {
    if (dead.probe && dead.probe->account) all.push_back(dead.probe.get());
  }
  return all;
}

ProbeTable::Readings ProbeTable::read_counts(const std::set<const EventGroup*>& groups) const {
  Readings readings;
  readings.armed = all_armed();
  bool profiled = false;
  for (const EventGroup* group : groups) {
    Readings::Event& event = readings.events[group];
    profiled = profiled || group->account->profiled;
    if (auto passed = group->event().passed(); passed.ok()) event.before = *passed;
  }
  if (profiled && machine_) {
    if (auto lines = LineBook::read(*machine_); lines.ok()) {
      readings.lines = std::move(lines).value();
    }
  }
  for (auto& [group, event] : readings.events) {
    if (auto passed = group->event().passed(); passed.ok()) event.after = *passed;
    if (auto counts = group->event().counts(); counts.ok()) event.counts = *counts;
  }
  readings.pressed = pump_->pressed();
  return readings;
}

/// Of all its lines, those included that are gone; none if the kernel does not tell.
stream::Known ProbeTable::Readings::hits_of(const EventGroup& group) const {
  if (!group.account->profiled || !lines) return std::nullopt;
  stream::Known hits = group.account->gone.hits;
  for (const ArmedProbe* one : armed) {
    if (&one->group() != &group) continue;
    const auto counts = lines->of(*one);
    if (!counts || !hits) return std::nullopt;
    *hits += counts->hits;
  }
  return hits;
}

void ProbeTable::mark_attached(const std::set<const EventGroup*>& groups, bool attached) {
  std::set<const EventGroup*> counted;
  for (const EventGroup* group : groups) {
    if (group->account && group->account->profiled) counted.insert(group);
  }
  if (counted.empty()) return;
  const auto online = ringbuf::online_cpus();
  const Readings readings = read_counts(counted);
  for (const EventGroup* group : counted) {
    const Readings::Event& event = readings.events.at(group);
    const stream::Known hits = readings.hits_of(*group);
    if (!hits || !event.before || !event.after) continue;
    const bool everywhere = online.ok() && group->event().cpus() >= online->size();
    stream::Attachment& attachment = group->account->attachment;
    if (attached && everywhere) {
      attachment.attached(*hits, event.seen());
    } else {
      attachment.detached(*hits, event.seen());
    }
  }
}

/// The kernel counts hits, not what a period leaves out of them. What that was follows from its
/// counts, but for hits right while the period was changed (ringbuf/samples_made.h); within these
/// bounds, what has come says which.
stream::Known ProbeTable::sampled_out(const std::optional<ringbuf::EventCounts>& counts,
                                      const stream::LedgerTerms& terms) {
  if (!counts || !terms.lost) return std::nullopt;
  const std::uint64_t came = *terms.lost + terms.unclaimed + terms.read;
  const std::uint64_t most = std::min(counts->made.most, counts->hits);
  return counts->hits - std::clamp(came, std::min(counts->made.least, most), most);
}

stream::LedgerTerms ProbeTable::event_terms(const EventGroup& group,
                                            const Readings& readings) const {
  const EventAccount& account = *group.account;
  const Readings::Event& event = readings.events.at(&group);
  stream::LedgerTerms terms = account.gone;
  add_tally(*account.strays, terms);
  for (const ArmedProbe* one : readings.armed) {
    if (&one->group() == &group) add_tally(*one->account->tally, terms);
  }
  terms.hits = terms.missed = terms.unattached = terms.kernel_dropped = terms.filtered =
      terms.seen = terms.lost = std::nullopt;
  terms.sampled_out = 0;
  if (event.counts && event.counts->has_lost) {
    terms.lost = event.counts->lost;
  } else if (event.counts && readings.pressed == account.pressed_at_open) {
    terms.lost = 0;  // there was room at any time
  }
  if (group.sampled()) terms.sampled_out = sampled_out(event.counts, terms);
  if (!event.before || !event.after) return terms;
  terms.seen = event.after->seen;
  terms.filtered = event.after->seen - event.after->hits;
  if (const stream::Known hits = readings.hits_of(group)) {
    // What perf was given was hit; the last hits of a line that was removed while others of its
    // event went on are after the last look at its count.
    terms.hits = std::max(*hits, event.before->seen);
    const auto split = account.attachment.split(*terms.hits, event.seen());
    terms.unattached = split.unattached;
    terms.kernel_dropped = split.kernel_dropped;
  }
  return terms;
}

stream::LedgerTerms own_terms(const ArmAccount& arm, const stream::LedgerTerms& event,
                              stream::Known hits, stream::Known missed) {
  stream::LedgerTerms terms = event;
  if (arm.event->shared()) {
    // Where the event as a whole has none of what only it can tell, no probe has.
    const bool none = event.unattached == 0 && event.kernel_dropped == 0 && event.filtered == 0 &&
                      event.lost == 0 && event.sampled_out == 0 &&
                      of(arm.event->strays->unclaimed) == 0;
    terms = none ? kNothingYet : stream::LedgerTerms{};
    terms.shared = !none;
    terms.hits = terms.seen = hits;
    if (!none) terms.seen.reset();
  }
  terms.missed = missed;
  terms.unclaimed = arm.event->shared() ? 0 : of(arm.event->strays->unclaimed);
  terms.read = terms.malformed = terms.excluded = terms.discarded = terms.held = terms.published =
      0;
  add_tally(*arm.tally, terms);
  return terms;
}

stream::LedgerTerms ProbeTable::arm_terms(const ArmedProbe& armed, const stream::LedgerTerms& event,
                                          const Readings& readings) {
  ArmAccount& arm = *armed.account;
  const auto counts = readings.lines ? readings.lines->of(armed) : std::nullopt;
  stream::Known hits, missed;
  if (counts) hits = counts->hits;
  if (counts && counts->missed) missed = arm.missed(*counts->missed);
  return own_terms(arm, event, hits, missed);
}

Result<LedgerReport> ProbeTable::ledger(const Selection& which) {
  KPROBED_TRY(const auto selected, select(which));
  LedgerReport report;
  if (!pump_) {
    for (const Entry* entry : selected) {
      report.probes.push_back({entry->name, entry->state, "", false, entry->account->past});
    }
    return report;
  }
  std::set<const ProbeAccount*> wanted;
  std::set<std::shared_ptr<EventAccount>> events;
  for (const Entry* entry : selected) {
    wanted.insert(entry->account.get());
    events.insert(entry->account->events.begin(), entry->account->events.end());
  }
  std::set<const EventGroup*> groups;
  for (const ArmedProbe* armed : all_armed()) {
    if (wanted.contains(armed->account->probe.get()) || events.contains(armed->account->event)) {
      groups.insert(&armed->group());
      events.insert(armed->account->event);
    }
  }
  Readings readings = read_counts(groups);
  pump_->settle();  // what perf has counted is read
  readings.pressed = pump_->pressed();
  std::map<const EventAccount*, EventLedger> ledgers;
  for (const EventGroup* group : groups) {
    const Readings::Event& event = readings.events.at(group);
    ledgers[group->account.get()] = {.event = group->account->name,
                                     .probes = {},
                                     .live = group->enabled() || event.moved(),
                                     .terms = event_terms(*group, readings)};
  }
  for (const auto& event : events) {
    if (event->closed) ledgers[event.get()] = {event->name, {}, false, *event->closed};
  }
  for (const Entry* entry : selected) {
    ProbeLedger one{entry->name, entry->state, "", false, entry->account->past};
    for (const auto& left : entry->account->events) {
      one.event = left->name;
      ledgers[left.get()].probes.push_back(entry->name);
    }
    for (const ArmedProbe* armed : readings.armed) {
      if (armed->account->probe != entry->account) continue;
      EventLedger& event = ledgers[armed->account->event.get()];
      one.terms = one.terms + arm_terms(*armed, event.terms, readings);
      one.live = one.live || event.live || armed != entry->armed.get();
      if (!armed->account->event->shared()) continue;
      one.event = armed->account->event->name;
      event.probes.push_back(entry->name);
    }
    report.probes.push_back(std::move(one));
  }
  for (const auto& event : events) {
    if (event->shared()) report.events.push_back(std::move(ledgers[event.get()]));
  }
  report.lost = pump_->lost_by_cpu();
  report.counts = pump_->counts();
  return report;
}

void ProbeTable::tell_ledgers() {
  if (!pump_) return;
  const auto report = ledger({.globs = {}, .all = true});
  if (!report.ok()) return;
  const std::uint64_t now = monotonic_ns();
  for (std::size_t i = 0; i < report->probes.size(); ++i) {
    const ProbeLedger& one = report->probes[i];
    Entry& entry = *probes_[i];
    if (one.terms == entry.account->told.value_or(kNothingYet)) continue;
    entry.account->told = one.terms;
    pump_->announce(stream::LedgerNote{.seq = 0,
                                       .time_ns = now,
                                       .probe = one.name,
                                       .event = one.event,
                                       .live = one.live,
                                       .terms = one.terms},
                    entry.armed ? entry.armed->plan()->number : entry.number);
  }
  for (const EventLedger& one : report->events) {
    auto& told = events_told_[one.event];
    if (told == one.terms) continue;
    told = one.terms;
    pump_->announce(stream::LedgerNote{.seq = 0,
                                       .time_ns = now,
                                       .probe = "",
                                       .event = one.event,
                                       .live = one.live,
                                       .terms = one.terms},
                    0);
  }
  std::erase_if(events_told_, [&](const auto& told) {
    return std::ranges::none_of(report->events,
                                [&](const EventLedger& one) { return one.event == told.first; });
  });
}

}  // namespace kprobed::engine
