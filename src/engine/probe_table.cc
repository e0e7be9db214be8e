// SPDX-License-Identifier: Apache-2.0
#include "engine/probe_table.h"

#include <fnmatch.h>

#include <algorithm>
#include <iterator>

#include "base/format.h"
#include "engine/clocks.h"
#include "engine/probe_entry.h"
#include "tracefs/sweep.h"

namespace kprobed::engine {

namespace {

constexpr std::chrono::milliseconds kRemovalPatience{2000};
/// A killed daemon's descriptors close one after the other, each after an RCU grace period.
constexpr std::chrono::seconds kSweepPatience{30};

}  // namespace

ProbeTable::ProbeTable(const ControlOptions& options, stream::StreamLog& log,
                       stream::ProbeDirectory& directory)
    : options_(options), log_(log), directory_(directory) {}

ProbeTable::~ProbeTable() = default;

Result<std::vector<ProbeTable::Entry*>> ProbeTable::select(const Selection& which) {
  std::vector<Entry*> found;
  for (const auto& entry : probes_) {
    const bool match =
        which.all || std::ranges::any_of(which.globs, [&](const std::string& glob) {
          return glob == entry->name || ::fnmatch(glob.c_str(), entry->name.c_str(), 0) == 0;
        });
    if (match) found.push_back(entry.get());
  }
  if (found.empty() && !which.all) {
    return Error(ErrorCode::not_found, "no probe of that name")
        .with_hint("kprobectl list shows the names");
  }
  return found;
}

Result<std::vector<std::string>> ProbeTable::remove(const Selection& which, std::string_view reason,
                                                    const Ticket& ticket) {
  KPROBED_TRY(const auto selected, select(which));
  std::vector<std::string> names;
  for (const Entry* entry : selected) names.push_back(entry->name);
  drop(selected, reason, ticket);
  return names;
}

void ProbeTable::drop(const std::vector<Entry*>& entries, std::string_view reason,
                      const Ticket& ticket) {
  if (entries.empty()) return;
  (void)silence(entries);  // without a plan it is silent all the same
  const std::set<const Entry*> going(entries.begin(), entries.end());
  const auto first_gone = std::stable_partition(
      probes_.begin(), probes_.end(),
      [&](const std::unique_ptr<Entry>& entry) { return !going.contains(entry.get()); });
  std::vector<std::unique_ptr<Entry>> gone(std::make_move_iterator(first_gone),
                                           std::make_move_iterator(probes_.end()));
  probes_.erase(first_gone, probes_.end());
  publish_plans();
  for (const auto& entry : gone) {
    announce(*entry, "removed", reason);
    if (entry->armed) bury(std::move(entry->armed), ticket);
  }
}

Result<void> ProbeTable::silence(const std::vector<Entry*>& entries) {
  Result<void> first;
  bool any = false;
  for (Entry* entry : entries) {
    if (entry->state != ProbeState::armed || !entry->armed) continue;
    any = true;
    auto disabled = entry->armed->disable();
    if (!disabled.ok() && first.ok()) {
      first = std::move(disabled).error().while_doing(entry->name);
    }
  }
  // What the kernel has recorded until here is in the log before the plans go.
  if (any) pump_->settle();
  return first;
}

void ProbeTable::close() {
  (void)remove({.globs = {}, .all = true}, "kprobed stops", nullptr);
  while (remove_step()) {
  }
  pump_.reset();
}

void ProbeTable::bury(std::unique_ptr<ArmedProbe> probe, const Ticket& ticket) {
  if (ticket) ++*ticket;
  graveyard_.push_back({std::move(probe), ticket});
}

bool ProbeTable::remove_step() {
  if (graveyard_.empty()) return false;
  Dead dead = std::move(graveyard_.front());
  graveyard_.pop_front();
  // What stays although it was tried for so long is swept at the next start.
  const std::uint32_t number = dead.probe->plan()->number;
  (void)ArmedProbe::disarm(std::move(*dead.probe), kRemovalPatience);
  pump_->settle();  // it has said that the probe is gone
  directory_.retire(number, log_.extent().next);
  if (dead.ticket) --*dead.ticket;
  return true;
}

Result<std::vector<std::string>> ProbeTable::set_enabled(const Selection& which, bool enabled) {
  KPROBED_TRY(const auto selected, select(which));
  std::vector<std::string> names;
  for (const Entry* entry : selected) names.push_back(entry->name);
  if (!enabled) {
    auto silent = silence(selected);
    std::vector<Entry*> changed;
    for (Entry* entry : selected) {
      entry->wish.disabled = true;
      if (entry->state != ProbeState::armed) continue;
      entry->state = ProbeState::disabled;
      changed.push_back(entry);
    }
    publish_plans();  // silent, whatever the kernel said
    for (Entry* entry : changed) set_state(*entry, ProbeState::disabled, "");
    if (!silent.ok()) return std::move(silent).error();
    return names;
  }
  KPROBED_TRY_VOID(arm_held(selected));
  std::vector<Entry*> changed;
  for (Entry* entry : selected) {
    entry->wish.disabled = false;
    if (entry->state == ProbeState::armed) continue;
    set_state(*entry, ProbeState::armed, "");
    changed.push_back(entry);
  }
  publish_plans();  // known before its first sample
  if (auto done = enable(changed); !done.ok()) {
    (void)silence(changed);
    for (Entry* entry : changed) {
      entry->wish.disabled = true;
      set_state(*entry, ProbeState::disabled, "could not be enabled");
    }
    publish_plans();
    return std::move(done).error();
  }
  return names;
}

Result<void> ProbeTable::arm_held(const std::vector<Entry*>& entries) {
  std::vector<Entry*> fresh;
  const auto arm_one = [&](Entry& entry) -> Result<void> {
    AddRequest request;
    request.source = std::make_shared<Source>(Source{"saved probe", entry.wish.spec});
    request.follow_drift = entry.wish.follow_drift;
    request.allow_oversize = entry.wish.allow_oversize;
    KPROBED_TRY(auto resolved, resolve_all(request));
    KPROBED_TRY_VOID(start_pump());
    zeroing_.settle(*machine_, resolved);
    entry.resolved = std::move(resolved.at(0));
    entry.rate_ns = entry.rate_before_ns = monotonic_ns();
    return arm_entry(entry);
  };
  for (Entry* entry : entries) {
    if (entry->armed) continue;
    if (auto armed = arm_one(*entry); !armed.ok()) {
      for (Entry* other : fresh) bury(std::move(other->armed), nullptr);
      return std::move(armed).error();
    }
    fresh.push_back(entry);
  }
  return {};
}

Result<ApplyOutcome> ProbeTable::apply(const AddRequest& request, const Ticket& ticket) {
  KPROBED_TRY(auto resolved, resolve_all(request));
  // What is wanted and there already stays as it is; each line of the text stands for one probe.
  ApplyOutcome outcome;
  std::set<Entry*> keep;
  std::erase_if(resolved, [&](const resolve::ResolvedProbe& probe) {
    const std::string spec = probespec::print(probe.spec);
    const auto same = std::ranges::find_if(probes_, [&](const auto& entry) {
      return entry->wish.spec == spec && !keep.contains(entry.get());
    });
    if (same == probes_.end()) return false;
    keep.insert(same->get());
    outcome.kept.push_back((*same)->name);
    return true;
  });
  std::vector<Entry*> gone;
  for (const auto& entry : probes_) {
    if (!keep.contains(entry.get())) gone.push_back(entry.get());
  }
  KPROBED_TRY(auto entries, make_entries(request, std::move(resolved), gone.size()));
  // The text says what there is: what was disabled or held is armed now, and nothing expires.
  if (!keep.empty()) {
    auto enabled = set_enabled({.globs = outcome.kept, .all = false}, true);
    if (!enabled.ok()) {
      for (auto& entry : entries) bury(std::move(entry->armed), nullptr);
      return std::move(enabled).error();
    }
    for (Entry* entry : keep) entry->wish.expires_boottime_ms.reset();
  }
  KPROBED_TRY(outcome.added, take_in(std::move(entries)));
  for (const Entry* entry : gone) outcome.removed.push_back(entry->name);
  drop(gone, "not in the applied set", ticket);
  return outcome;
}

std::optional<std::uint64_t> ProbeTable::expire() {
  const std::uint64_t now = boottime_ms();
  std::optional<std::uint64_t> next;
  std::vector<Entry*> over;
  for (const auto& entry : probes_) {
    if (!entry->wish.expires_boottime_ms) continue;
    if (*entry->wish.expires_boottime_ms <= now) {
      over.push_back(entry.get());
    } else if (!next || *entry->wish.expires_boottime_ms < *next) {
      next = entry->wish.expires_boottime_ms;
    }
  }
  drop(over, "its time was over", nullptr);
  if (!next) return std::nullopt;
  // Not beyond what can be counted in ns: who saved the wish may have been damaged.
  constexpr std::uint64_t kHourMs = 3'600'000;
  return monotonic_ns() + std::min(*next - now, kHourMs) * 1'000'000;
}

void ProbeTable::publish_plans() {
  if (!pump_) return;
  auto plans = std::make_shared<PlanTable>();
  for (const auto& entry : probes_) {
    if (entry->state != ProbeState::armed || !entry->armed) continue;
    for (const std::uint64_t id : entry->armed->event().ids()) plans->add(id, entry->armed->plan());
  }
  pump_->use(std::move(plans), names_);
}

void ProbeTable::set_state(Entry& entry, ProbeState state, std::string reason) {
  entry.state = state;
  entry.since_ns = realtime_ns();
  entry.reason = std::move(reason);
  announce(entry, word(state), entry.reason);
}

void ProbeTable::announce(const Entry& entry, std::string_view state, std::string_view reason) {
  if (!pump_ || !entry.armed) return;
  pump_->announce({.seq = 0,
                   .time_ns = monotonic_ns(),
                   .probe = entry.name,
                   .state = std::string(state),
                   .reason = std::string(reason)},
                  entry.armed->plan()->number);
}

Result<std::vector<std::string>> ProbeTable::sweep_leftovers() {
  KPROBED_TRY(const tracefs::Tracefs tracefs, open_tracefs_for_arming());
  KPROBED_TRY(const auto listing, tracefs::list(tracefs));
  const tracefs::SweepReport report =
      tracefs::remove_all(tracefs, tracefs::daemon_leftovers(listing), kSweepPatience);
  // Killed `kprobectl run`s are swept by the way.
  KPROBED_TRY(const tracefs::SweepReport runs, tracefs::sweep(tracefs, kSweepPatience));
  std::vector<std::string> lines;
  for (const auto* one : {&report, &runs}) {
    for (const tracefs::ListedProbe& probe : one->removed) lines.push_back(probe.text);
  }
  if (!report.failed.empty()) {
    return Error(ErrorCode::busy, format("could not remove '{}': {}", report.failed[0].probe.text,
                                         report.failed[0].why));
  }
  return lines;
}

}  // namespace kprobed::engine
