// SPDX-License-Identifier: Apache-2.0
#include "engine/probe_table.h"

#include <fnmatch.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/format.h"
#include "engine/clocks.h"
#include "engine/probe_endings.h"
#include "engine/probe_entry.h"
#include "stream/event_place.h"
#include "tracefs/sweep.h"

namespace kprobed::engine {

namespace {

constexpr std::chrono::milliseconds kRemovalPatience{2000};
/// A killed daemon's descriptors close one after the other, each after an RCU grace period.
constexpr std::chrono::seconds kSweepPatience{30};

}  // namespace

ProbeTable::ProbeTable(const ControlOptions& options, stream::StreamLog& log,
                       stream::ProbeDirectory& directory,
                       std::function<void(std::string)> look_at_module,
                       std::function<void()> crowded)
    : options_(options),
      log_(log),
      directory_(directory),
      look_at_module_(std::move(look_at_module)),
      module_files_(std::make_shared<symbols::ModuleFiles>(
          symbols::ModuleFiles::running_folder(), symbols::ModuleFiles::Reading::in_background)),
      tell_crowded_(std::move(crowded)) {}

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
  if (which.all) cancel_addings();
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
  publish_plans(entries);
  const std::set<const Entry*> going(entries.begin(), entries.end());
  const auto first_gone = std::stable_partition(
      probes_.begin(), probes_.end(),
      [&](const std::unique_ptr<Entry>& entry) { return !going.contains(entry.get()); });
  std::vector<std::unique_ptr<Entry>> gone(std::make_move_iterator(first_gone),
                                           std::make_move_iterator(probes_.end()));
  probes_.erase(first_gone, probes_.end());
  for (const auto& entry : gone) {
    announce(*entry, "removed", reason);
    names_taken_.erase(entry->name);
    entry->account->removed = true;
    if (!entry->armed) end_account(*entry);
    if (entry->armed) bury(std::move(entry->armed), ticket);
    if (entry->number != 0) retiring_.push_back(entry->number);
  }
  publish_plans();
}

Result<void> ProbeTable::silence(const std::vector<Entry*>& entries) {
  const std::set<const Entry*> going(entries.begin(), entries.end());
  std::set<const EventGroup*> go_on;  // with others that share them
  for (const auto& entry : probes_) {
    if (entry->armed && may_record(entry->state) && !going.contains(entry.get()))
      go_on.insert(&entry->armed->group());
  }
  std::set<const EventGroup*> ending;
  for (const Entry* entry : entries) {
    if (!may_record(entry->state) || !entry->armed) continue;
    const EventGroup& group = entry->armed->group();
    if (group.enabled() && !go_on.contains(&group)) ending.insert(&group);
  }
  mark_attached(ending, false);
  Result<void> first;
  bool any = false;
  for (Entry* entry : entries) {
    if (!may_record(entry->state) || !entry->armed) continue;
    any = true;
    if (go_on.contains(&entry->armed->group())) continue;
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
  module_files_->stop();
  (void)remove({.globs = {}, .all = true}, "kprobed stops", nullptr);
  while (remove_step()) {
  }
  module_events_.clear();  // before the rings that they write into
  pump_.reset();
  rings_ = CpuRings();
}

void ProbeTable::bury(std::unique_ptr<ArmedProbe> probe, const Ticket& ticket) {
  if (ticket) ++*ticket;
  graveyard_.push_back({std::move(probe), UniqueFd(), ticket});
}

void ProbeTable::retire_numbers() {
  for (const std::uint32_t number : std::exchange(retiring_, {})) {
    directory_.retire(number, log_.extent().next);
  }
}

bool ProbeTable::remove_step() {
  if (graveyard_.empty()) return false;
  Dead dead = std::move(graveyard_.front());
  graveyard_.pop_front();
  if (!dead.probe) return true;
  const std::uint32_t number = dead.probe->plan()->number;
  Ending ending = begin_ending(*dead.probe);
  // What stays although it was tried for so long is tried again at each look.
  if (!ArmedProbe::disarm(std::move(*dead.probe), kRemovalPatience).ok()) ownerless_ = true;
  pump_->settle();  // it has said that the probe is gone, and read the last of it
  finish_ending(std::move(ending), number);
  directory_.retire(number, log_.extent().next);
  if (dead.ticket) --*dead.ticket;
  return true;
}

Result<std::vector<std::string>> ProbeTable::set_enabled(const Selection& which, bool enabled,
                                                         const Ticket& ticket,
                                                         ProgressTeller* teller) {
  KPROBED_TRY(const auto selected, select(which));
  std::vector<std::string> names;
  for (const Entry* entry : selected) names.push_back(entry->name);
  if (which.all) {
    // Also of those that are on their way.
    for (const auto& adding : addings_) {
      if (const auto going_on = adding.lock()) going_on->request.disabled = !enabled;
    }
  }
  if (!enabled) {
    auto silent = silence(selected);
    std::vector<Entry*> changed;
    for (Entry* entry : selected) {
      entry->wish.disabled = true;
      // What is not in the kernel keeps its state; it will be silent once it is.
      if (may_record(entry->state)) changed.push_back(entry);
    }
    publish_plans(changed);  // silent, whatever the kernel said
    for (Entry* entry : changed) {
      move(*entry, Cause::silenced,
           which.all ? "all were disabled: out of the kernel until it is enabled" : "");
    }
    for (Entry* entry : selected) {
      if (!entry->armed) continue;
      // What shares its event with others can be silent only outside the kernel.
      const bool shared = entry->armed->group().probes() > 1;
      if (which.all || shared) bury(std::move(entry->armed), which.all ? ticket : nullptr);
    }
    if (!silent.ok()) return std::move(silent).error();
    return names;
  }
  std::vector<Entry*> changed, were_disabled;
  for (Entry* entry : selected) {
    if (std::exchange(entry->wish.disabled, false)) were_disabled.push_back(entry);
  }
  if (auto armed = arm_held(selected, teller); !armed.ok()) {
    for (Entry* entry : were_disabled) entry->wish.disabled = true;
    return std::move(armed).error();
  }
  for (Entry* entry : selected) {
    if (may_record(entry->state)) continue;
    move(*entry, cause_when_set(*entry), "");
    changed.push_back(entry);
  }
  publish_plans();  // known before its first sample
  if (auto done = enable(changed); !done.ok()) {
    (void)silence(changed);
    for (Entry* entry : changed) {
      entry->wish.disabled = true;
      move(*entry, Cause::silenced, "could not be enabled");
    }
    publish_plans();
    return std::move(done).error();
  }
  return names;
}

Result<ApplyOutcome> ProbeTable::apply(const AddRequest& request, const Ticket& ticket,
                                       ProgressTeller* teller) {
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
  KPROBED_TRY(auto entries, make_entries(request, std::move(resolved), gone.size(), teller));
  // The text says what there is: what was disabled or held is armed now, and nothing expires.
  if (!keep.empty()) {
    auto enabled = set_enabled({.globs = outcome.kept, .all = false}, true);
    if (!enabled.ok()) {
      give_up(std::move(entries));
      return std::move(enabled).error();
    }
    for (Entry* entry : keep) entry->wish.expires_boottime_ms.reset();
  }
  KPROBED_TRY(outcome.added, take_in(std::move(entries)));
  for (const Entry* entry : gone) outcome.removed.push_back(entry->name);
  cancel_addings();
  for (Entry* entry : keep) entry->batch = 0;  // wanted on its own now
  drop(gone, "not in the applied set", ticket);
  return outcome;
}

void ProbeTable::changed(const watch::Change& change) {
  if (probes_.empty()) return;
  if (const auto* seen = std::get_if<watch::ModuleSeen>(&change)) return module_seen(*seen);
  if (const auto* left = std::get_if<watch::ModuleLeft>(&change)) return module_left(*left);
  if (const auto* cpu = std::get_if<watch::CpuChanged>(&change); cpu != nullptr && pump_) {
    return cpu_changed(*cpu);
  }
  look_around();
}

void ProbeTable::look_around() {
  check_cpus();
  check_modules();
  check_lines();
  check_switches();
  calm_bulk_rings();
  govern();
  check_losses();
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

void ProbeTable::publish_plans(const std::vector<Entry*>& without) {
  if (!pump_) return;
  auto plans = std::make_shared<PlanTable>();
  const std::set<const Entry*> left_out(without.begin(), without.end());
  std::map<const EventGroup*, std::shared_ptr<GroupPlans>> shared;
  std::vector<const ArmedProbe*> leaving;  // silent, and their line is still there
  for (const auto& entry : probes_) {
    if (!entry->armed) continue;
    plans->add_gate(entry->gate);
    if (!may_record(entry->state) || left_out.contains(entry.get())) {
      leaving.push_back(entry->armed.get());
      continue;
    }
    const EventGroup& group = entry->armed->group();
    if (group.lane() == Lane::bulk || moving_) plans->need_timer();
    // Also of one that is alone as yet: others may come in, and are armed before they are known.
    if (entry->armed->address() != 0) {
      std::shared_ptr<GroupPlans>& members = shared[&group];
      if (!members) members = std::make_shared<GroupPlans>();
      members->add(entry->armed->address(), entry->armed->plan());
      continue;
    }
    for (const std::uint64_t id : group.event().ids()) {
      plans->add(id, entry->armed->plan(), entry->gate);
    }
  }
  for (const Dead& dead : graveyard_) {
    if (dead.probe) leaving.push_back(dead.probe.get());
  }
  for (const ArmedProbe* probe : leaving) {
    const auto members = shared.find(&probe->group());
    if (members == shared.end() || !probe->account) continue;
    members->second->add_leaving(probe->address(), probe->account->tally);
  }
  for (const auto& [group, members] : shared) {
    if (group->account) members->count_strays(group->account->strays);
    members->settle();
    for (const std::uint64_t id : group->event().ids()) plans->add(id, members);
  }
  for (const HeardModuleEvent& heard : module_events_) {
    plans->hear_modules(heard.attached.ids(), heard.event);
  }
  find_names();
  pump_->use(std::move(plans), names_);
}

/// Some megabytes, so only while there is a probe whose lines need them.
void ProbeTable::find_names() {
  const bool needed = std::ranges::any_of(probes_, [](const auto& entry) {
    return entry->armed && may_record(entry->state) &&
           stream::names_addresses(*entry->armed->plan());
  });
  if (!needed) {
    names_.reset();
  } else if (machine_ && (!names_ || names_from_.lock() != machine_->kernel)) {
    names_ = std::make_shared<const KernelNames>(machine_->kernel->kallsyms().text_names());
    names_from_ = machine_->kernel;
  }
}

bool ProbeTable::move(Entry& entry, Cause cause, std::string reason) {
  const std::optional<ProbeState> next = next_state(entry.state, cause);
  if (!next || (*next == entry.state && entry.reason == reason)) return false;
  enter(entry, *next, std::move(reason));
  return true;
}

void ProbeTable::begin_state(Entry& entry, Cause cause, std::string reason) {
  enter(entry, next_state(std::nullopt, cause).value_or(ProbeState::failed), std::move(reason));
}

void ProbeTable::enter(Entry& entry, ProbeState state, std::string reason) {
  entry.state = state;
  entry.since_ns = realtime_ns();
  entry.reason = std::move(reason);
  if (state == ProbeState::pending && entry.reason.empty() && !entry.missing.empty()) {
    entry.reason = entry.missing + ": it is waited for";
  }
  if (state == ProbeState::pending && entry.reason.empty()) {
    entry.reason = format("module '{}' is not loaded", entry.resolved.module);
  }
  announce(entry, word(state), entry.reason);
}

Cause ProbeTable::cause_when_set(const Entry& entry) {
  if (entry.wish.disabled) return Cause::silenced;
  return entry.awaited ? Cause::awaited : Cause::set;
}

void ProbeTable::announce(Entry& entry, std::string_view state, std::string_view reason) {
  if (!pump_) return;
  // The stream's index knows probes by number; one that was never armed has no events, and so no
  // schema.
  if (!entry.armed && entry.number == 0) entry.number = directory_.add(entry.name, "");
  pump_->announce({.seq = 0,
                   .time_ns = monotonic_ns(),
                   .probe = entry.name,
                   .state = std::string(state),
                   .reason = std::string(reason)},
                  entry.armed ? entry.armed->plan()->number : entry.number);
}

Result<std::vector<std::string>> ProbeTable::sweep_leftovers() {
  ownerless_ = true;  // until it is known that there are none
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
