// SPDX-License-Identifier: Apache-2.0
#include "engine/probe_table.h"

#include <fnmatch.h>

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "base/file.h"
#include "base/format.h"
#include "engine/clocks.h"
#include "engine/explain.h"
#include "engine/preflight.h"
#include "engine/probe_names.h"
#include "probespec/parse.h"
#include "stream/json_lines.h"
#include "tracefs/groups.h"
#include "tracefs/profile.h"
#include "tracefs/sweep.h"

namespace kprobed::engine {

namespace {

constexpr std::chrono::milliseconds kRemovalPatience{2000};
/// A killed daemon's descriptors close one after the other, each after an RCU grace period.
constexpr std::chrono::seconds kSweepPatience{30};

std::uint64_t realtime_ns() { return static_cast<std::uint64_t>(clock_ns(CLOCK_REALTIME)); }
std::uint64_t boottime_ms() {
  return static_cast<std::uint64_t>(clock_ns(CLOCK_BOOTTIME)) / 1'000'000;
}

/// Resolves addresses out of one snapshot of kallsyms, and keeps that alive.
class SnapshotNames final : public stream::AddressNames {
 public:
  explicit SnapshotNames(std::shared_ptr<const symbols::RunningKernel> kernel)
      : kernel_(std::move(kernel)), names_(kernel_->kallsyms()) {}
  Place place_of(std::uint64_t address) const override { return names_.place_of(address); }

 private:
  std::shared_ptr<const symbols::RunningKernel> kernel_;
  KernelNames names_;
};

}  // namespace

std::string_view word(ProbeState state) {
  switch (state) {
    case ProbeState::armed:
      return "armed";
    case ProbeState::disabled:
      return "disabled";
    case ProbeState::held:
      break;
  }
  return "held";
}

struct ProbeTable::Entry {
  std::string name;
  ProbeWish wish;
  resolve::ResolvedProbe resolved;  ///< of a held probe: only its spec
  std::unique_ptr<ArmedProbe> armed;
  ProbeState state = ProbeState::armed;
  std::string reason;
  std::uint64_t since_ns = 0, added_ns = 0;  ///< CLOCK_REALTIME
  std::shared_ptr<stream::ProbeTally> tally = std::make_shared<stream::ProbeTally>();
  std::uint64_t rate_count = 0, rate_ns = 0, rate_before_count = 0, rate_before_ns = 0;
};

ProbeTable::ProbeTable(const ControlOptions& options, stream::StreamLog& log,
                       stream::ProbeDirectory& directory)
    : options_(options), log_(log), directory_(directory) {}

ProbeTable::~ProbeTable() = default;

Result<void> ProbeTable::refresh_machine() {
  // Symbols come and go with modules only; reading kallsyms anew costs 100 ms, so not for every
  // probe.
  const Result<std::string> modules = read_file("/proc/modules");
  const std::string seen = modules.ok() ? loaded_modules(*modules) : std::string();
  if (machine_ && seen == modules_seen_) return {};
  KPROBED_TRY(Machine machine, Machine::open_for_arming());
  machine_ = std::move(machine);
  modules_seen_ = seen;
  names_ = std::make_shared<const SnapshotNames>(machine_->kernel);
  return {};
}

Result<void> ProbeTable::start_pump() {
  if (pump_) return {};
  KPROBED_TRY(CpuRings rings, CpuRings::open(options_.ring_bytes_per_cpu));
  KPROBED_TRY(pump_, PumpThread::start(std::move(rings), log_, options_.published));
  return {};
}

Result<std::vector<resolve::ResolvedProbe>> ProbeTable::resolve_all(const AddRequest& request) {
  probespec::Parsed parsed = probespec::parse(request.source);
  if (!parsed.errors.empty()) return std::move(parsed.errors.front());
  if (parsed.specs.size() > options_.max_probes) {
    return Error(ErrorCode::too_many, format("{} probes in one request; at most {} are kept",
                                             parsed.specs.size(), options_.max_probes));
  }
  if (parsed.specs.empty()) return std::vector<resolve::ResolvedProbe>{};
  KPROBED_TRY_VOID(refresh_machine());
  const PreflightOptions preflight_options{.allow_oversize = request.allow_oversize,
                                           .panic_on_warn = read_panic_on_warn()};
  std::vector<resolve::ResolvedProbe> probes;
  for (const probespec::ProbeSpec& spec : parsed.specs) {
    KPROBED_TRY(auto probe,
                resolve::resolve(spec, *machine_->kernel, {.follow_drift = request.follow_drift}));
    KPROBED_TRY_VOID(preflight(probe, machine_->kernel->features(), preflight_options));
    probes.push_back(std::move(probe));
  }
  return probes;
}

Result<std::unique_ptr<ArmedProbe>> ProbeTable::arm(const resolve::ResolvedProbe& probe,
                                                    const std::string& name) {
  const PrivateName private_name{std::string(tracefs::kDaemonGroup), format("d{}", next_event_++)};
  KPROBED_TRY(ArmedProbe armed,
              ArmedProbe::arm(*machine_, pump_->rings(), probe, private_name, name));
  return std::make_unique<ArmedProbe>(std::move(armed));
}

Result<void> ProbeTable::arm_entry(Entry& entry) {
  KPROBED_TRY(entry.armed, arm(entry.resolved, entry.name));
  stream::WallClock unused;
  std::string schema;
  stream::JsonLines(*names_, unused).schema(*entry.armed->plan(), schema);
  entry.armed->join_log(directory_.add(entry.name, std::move(schema)), entry.tally);
  return {};
}

Result<std::vector<std::unique_ptr<ProbeTable::Entry>>> ProbeTable::make_entries(
    const AddRequest& request, std::vector<resolve::ResolvedProbe> probes, std::size_t leaving) {
  std::vector<std::unique_ptr<Entry>> entries;
  if (probes.empty()) return entries;
  if (probes_.size() - leaving + probes.size() > options_.max_probes) {
    return Error(ErrorCode::too_many, format("{} probes are here already; at most {} are kept",
                                             probes_.size() - leaving, options_.max_probes))
        .with_hint("remove some, or raise max_probes in kprobed.conf");
  }
  // Those the kernel has not let go of yet take no place, but there is an end to them too.
  if (probes_.size() + graveyard_.size() + probes.size() > 2 * options_.max_probes) {
    return Error(ErrorCode::too_many,
                 format("{} probes are still being removed", graveyard_.size()))
        .with_hint("try again in a while");
  }
  KPROBED_TRY_VOID(start_pump());
  directory_.forget(log_.extent().oldest);
  std::set<std::string> names;
  for (const auto& entry : probes_) names.insert(entry->name);
  for (resolve::ResolvedProbe& probe : probes) {
    auto entry = std::make_unique<Entry>();
    const bool named = entries.empty() && !request.name.empty();
    entry->name = unique_probe_name(named ? request.name : default_probe_name(probe.spec), names);
    entry->wish = {.spec = probespec::print(probe.spec),
                   .name = entry->name,
                   .owner_uid = request.owner_uid,
                   .disabled = request.disabled,
                   .follow_drift = request.follow_drift,
                   .allow_oversize = request.allow_oversize,
                   .expires_boottime_ms = std::nullopt};
    if (request.keep_for) {
      entry->wish.expires_boottime_ms =
          boottime_ms() + static_cast<std::uint64_t>(request.keep_for->count());
    }
    entry->added_ns = realtime_ns();
    entry->rate_ns = entry->rate_before_ns = monotonic_ns();
    entry->resolved = std::move(probe);
    auto armed = arm_entry(*entry);
    if (!armed.ok()) {
      for (auto& done : entries) bury(std::move(done->armed), nullptr);
      return std::move(armed).error();
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

Result<std::vector<std::string>> ProbeTable::take_in(std::vector<std::unique_ptr<Entry>> entries) {
  std::vector<std::string> names;
  std::vector<Entry*> fresh;
  for (auto& entry : entries) {
    set_state(*entry, entry->wish.disabled ? ProbeState::disabled : ProbeState::armed, "");
    names.push_back(entry->name);
    fresh.push_back(entry.get());
    probes_.push_back(std::move(entry));
  }
  publish_plans();  // before the first sample can come
  if (auto enabled = enable(fresh); !enabled.ok()) {
    drop(fresh, "could not be enabled", nullptr);
    return std::move(enabled).error();
  }
  return names;
}

Result<void> ProbeTable::enable(const std::vector<Entry*>& entries) {
  for (Entry* entry : entries) {
    if (entry->state != ProbeState::armed) continue;
    auto enabled = entry->armed->enable();
    if (!enabled.ok()) return std::move(enabled).error().while_doing(entry->name);
  }
  return {};
}

Result<std::vector<std::string>> ProbeTable::add(const AddRequest& request) {
  KPROBED_TRY(auto resolved, resolve_all(request));
  if (resolved.empty()) return Error(ErrorCode::usage, "no probe given");
  KPROBED_TRY(auto entries, make_entries(request, std::move(resolved), 0));
  return take_in(std::move(entries));
}

Result<std::string> ProbeTable::check(const AddRequest& request) {
  KPROBED_TRY(const auto resolved, resolve_all(request));
  if (resolved.empty()) return Error(ErrorCode::usage, "no probe given");
  std::set<std::string> names;
  std::string text;
  for (const resolve::ResolvedProbe& probe : resolved) {
    text += explain(probe, unique_probe_name(default_probe_name(probe.spec), names));
    text += render(probe.remarks);
  }
  return text;
}

Result<void> ProbeTable::restore(const ProbeWish& wish, bool hold) {
  if (wish.expires_boottime_ms && *wish.expires_boottime_ms <= boottime_ms()) return {};
  auto source = std::make_shared<Source>(Source{"saved probe", wish.spec});
  if (hold) {
    probespec::Parsed parsed = probespec::parse(source);
    if (!parsed.errors.empty()) return std::move(parsed.errors.front());
    if (parsed.specs.size() != 1) return Error(ErrorCode::malformed, "a saved probe is one spec");
    std::set<std::string> names;
    for (const auto& other : probes_) names.insert(other->name);
    auto entry = std::make_unique<Entry>();
    entry->name = unique_probe_name(
        wish.name.empty() ? default_probe_name(parsed.specs[0]) : wish.name, names);
    entry->wish = wish;
    entry->wish.name = entry->name;
    entry->resolved.spec = parsed.specs[0];
    entry->added_ns = realtime_ns();
    set_state(*entry, ProbeState::held, "kprobed crashed repeatedly while it was armed");
    probes_.push_back(std::move(entry));
    return {};
  }
  AddRequest request{.source = source,
                     .owner_uid = wish.owner_uid,
                     .keep_for = std::nullopt,
                     .disabled = wish.disabled,
                     .follow_drift = wish.follow_drift,
                     .allow_oversize = wish.allow_oversize,
                     .name = wish.name};
  if (wish.expires_boottime_ms) {
    request.keep_for = std::chrono::milliseconds(*wish.expires_boottime_ms - boottime_ms());
  }
  KPROBED_TRY([[maybe_unused]] const auto names, add(request));
  return {};
}

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

ProbeStatus ProbeTable::describe(const Entry& entry) const {
  ProbeStatus status;
  status.name = entry.name;
  status.spec = entry.wish.spec;
  status.state = entry.state;
  status.reason = entry.reason;
  status.since_ns = entry.since_ns;
  status.added_ns = entry.added_ns;
  status.owner_uid = entry.wish.owner_uid;
  status.remarks = entry.resolved.remarks;
  if (entry.wish.expires_boottime_ms) {
    const std::uint64_t now = boottime_ms();
    const std::uint64_t end = std::max(*entry.wish.expires_boottime_ms, now);
    status.expires_in = std::chrono::milliseconds(end - now);
  }
  if (!entry.armed) return status;
  status.kernel_line = entry.armed->line();
  status.cpus = static_cast<unsigned>(entry.armed->event().cpus());
  status.published = entry.tally->published.load(std::memory_order_relaxed);
  if (const std::uint64_t last = entry.tally->last_ns.load(std::memory_order_relaxed); last != 0) {
    const std::uint64_t now = monotonic_ns();
    status.last_hit_ns_ago = now > last ? now - last : 0;
  }
  if (entry.rate_before_ns != 0) {
    const auto seconds = static_cast<double>(monotonic_ns() - entry.rate_before_ns) / 1e9;
    status.rate = static_cast<double>(status.published - entry.rate_before_count) / seconds;
  }
  if (auto counts = entry.armed->event().counts(); counts.ok() && counts->has_lost) {
    status.lost = counts->lost;
  }
  return status;
}

void ProbeTable::add_profile(std::vector<ProbeStatus>& all,
                             const std::vector<const Entry*>& entries) const {
  if (!machine_) return;
  const auto profile = tracefs::profile(machine_->tracefs);
  if (!profile.ok()) return;
  std::unordered_map<std::string_view, ProbeStatus*> by_event;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i]->armed) by_event.emplace(entries[i]->armed->installed().event(), &all[i]);
  }
  for (const tracefs::ProfiledProbe& row : *profile) {
    if (row.probe.group != tracefs::kDaemonGroup) continue;
    const auto found = by_event.find(row.probe.event);
    if (found == by_event.end()) continue;
    found->second->hits += row.hits;
    found->second->missed += row.missed;
  }
}

std::vector<ProbeStatus> ProbeTable::list() {
  std::vector<std::string> names;
  for (const auto& entry : probes_) names.push_back(entry->name);
  return list(names);
}

std::vector<ProbeStatus> ProbeTable::list(const std::vector<std::string>& names) {
  const std::set<std::string> wanted(names.begin(), names.end());
  std::vector<ProbeStatus> all;
  std::vector<const Entry*> entries;
  for (const auto& entry : probes_) {
    if (!wanted.contains(entry->name)) continue;
    all.push_back(describe(*entry));
    entries.push_back(entry.get());
  }
  add_profile(all, entries);
  return all;
}

EngineStatus ProbeTable::status() {
  EngineStatus status;
  if (pump_) {
    status.cpus = static_cast<unsigned>(pump_->rings().cpus());
    status.ring_bytes = pump_->rings().bytes();
    ring_peak_ = std::max(ring_peak_, pump_->take_ring_peak());
    status.ring_peak_percent = std::max(ring_peak_, ring_peak_before_);
    status.counts = pump_->counts();
  }
  status.probes = list();
  status.removing = graveyard_.size();
  return status;
}

std::vector<ProbeWish> ProbeTable::wishes() const {
  std::vector<ProbeWish> all;
  for (const auto& entry : probes_) all.push_back(entry->wish);
  return all;
}

void ProbeTable::note_rates() {
  ring_peak_before_ = std::exchange(ring_peak_, 0u);
  if (pump_) ring_peak_before_ = std::max(ring_peak_before_, pump_->take_ring_peak());
  const std::uint64_t now = monotonic_ns();
  for (const auto& entry : probes_) {
    entry->rate_before_count = entry->rate_count;
    entry->rate_before_ns = entry->rate_ns;
    entry->rate_count = entry->tally->published.load(std::memory_order_relaxed);
    entry->rate_ns = now;
  }
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
