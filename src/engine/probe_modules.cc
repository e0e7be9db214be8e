// SPDX-License-Identifier: Apache-2.0
//
// ProbeTable and modules that come and go. The kernel arms a `MOD:` line by itself when its module
// comes, before the module's init function runs, and knows nothing of builds: that what the line
// says is still what was meant is found out here, while the module's gate holds the samples.
#include <algorithm>

#include "base/file.h"
#include "base/format.h"
#include "engine/clocks.h"
#include "engine/probe_entry.h"
#include "watch/build_id.h"
#include "watch/modules.h"

namespace kprobed::engine {

namespace {

/// Is it the same to the kernel and to the reader of its events, wherever the module lies now?
bool same_meaning(const resolve::ResolvedProbe& one, const resolve::ResolvedProbe& other) {
  const auto lines = [](const resolve::ResolvedProbe& probe) {
    std::vector<std::string> texts;
    for (const resolve::KernelLine& line : resolve::compose_lines(probe, "g", "e")) {
      texts.push_back(line.text);
    }
    return texts;
  };
  return lines(one) == lines(other) && wanted_fields(one) == wanted_fields(other) &&
         one.filter == other.filter && one.source == other.source;
}

}  // namespace

std::string ProbeTable::module_of(const resolve::ResolvedProbe& probe) {
  if (probe.members.empty()) return probe.module;
  const std::string& first = probe.members.front().module;
  const bool one = std::ranges::all_of(
      probe.members, [&](const resolve::ProbeMember& member) { return member.module == first; });
  return one ? first : std::string();
}

void ProbeTable::hear_of_module(Entry& entry) {
  entry.gate.reset();
  entry.module = module_of(entry.resolved);
  if (entry.module.empty()) return;
  std::weak_ptr<ModuleGate>& known = gates_[entry.module];
  entry.gate = known.lock();
  if (!entry.gate) known = entry.gate = std::make_shared<ModuleGate>(entry.module);
  entry.build_id.reset();
  if (entry.awaited) return;
  const std::uint64_t now = monotonic_ns();
  entry.build_id = watch::read_build_id(entry.module);
  pump_->judge(entry.gate,
               {.begin_ns = now, .end_ns = now, .fits = {{entry.armed->plan()->number, true}}});
}

void ProbeTable::module_seen(const watch::ModuleSeen& seen) {
  retry_on_module(seen.name);
  std::shared_ptr<ModuleGate> gate;
  ModuleGate::Sighting sighting{.begin_ns = seen.begin_ns, .end_ns = seen.end_ns, .fits = {}};
  std::vector<Entry*> fitting;
  const bool another = std::ranges::any_of(probes_, [&seen](const std::unique_ptr<Entry>& entry) {
    return entry->armed && entry->module == seen.name &&
           (!seen.build_id || seen.build_id != entry->build_id);
  });
  // A module of another build may lie where the last one lay, and be as large: /proc/modules is the
  // same, and symbols and types are not. Two look at each load, for the message and for the record:
  // what was read after that look is new enough.
  if (another && symbols_ns_ <= seen.begin_ns) modules_seen_.clear();
  for (const auto& entry : probes_) {
    if (!entry->armed || !entry->gate || entry->module != seen.name) continue;
    gate = entry->gate;
    const std::uint32_t number = entry->armed->plan()->number;
    const Fit fit = fit_of(*entry, seen);
    if (fit == Fit::unknown) {
      sighting.complete = false;
      continue;
    }
    sighting.fits.emplace_back(number, fit == Fit::yes);
    if (fit == Fit::yes) fitting.push_back(entry.get());
  }
  if (!gate) return;
  pump_->judge(gate, std::move(sighting));
  for (Entry* entry : fitting) {
    entry->awaited = false;
    if (entry->state == ProbeState::pending || entry->state == ProbeState::gone) {
      move(*entry, Cause::set,
           entry->checked ? std::string()
                          : format("'{}' is not listed while its module is loaded: it is an init "
                                   "function, or this build has none of that name",
                                   entry->resolved.symbol));
    }
  }
}

ProbeTable::Fit ProbeTable::fit_of(Entry& entry, const watch::ModuleSeen& seen) {
  const bool same_build = seen.build_id && seen.build_id == entry.build_id;
  // Of several functions each sample tells its address: those are others at every load.
  if (same_build && entry.resolved.members.empty()) return Fit::yes;
  AddRequest request = request_of(entry);
  request.pending = false;  // its module is here: either it has the symbol or it has not
  auto resolved = resolve_all(request);
  // What was looked at must have been that build, all the time.
  if (!machine_ || !machine_->kernel->module_loaded(entry.module) ||
      watch::read_build_id(entry.module) != seen.build_id) {
    return Fit::unknown;
  }
  // The kernel forgets the names of init functions with their code, and so they can only have been
  // taken at their word; of a function that is not there the line records nothing.
  if (!resolved.ok() && !entry.checked && resolved.error().code == ErrorCode::symbol_not_found) {
    entry.build_id = seen.build_id;
    return Fit::yes;
  }
  if (!resolved.ok()) {
    take_out(entry, cause_of(resolved.error()),
             format("it does not fit the module '{}' that was loaded now: {}", entry.module,
                    resolved.error().message));
    return Fit::no;
  }
  zeroing_.settle(*machine_, *resolved);
  resolve::ResolvedProbe& fresh = resolved->front();
  const bool same = same_meaning(entry.resolved, fresh);
  entry.resolved = std::move(fresh);
  if (same) {
    entry.checked = true;
    entry.build_id = seen.build_id;
    entry.armed->use_places(entry.resolved);
    publish_plans();
    return Fit::yes;
  }
  // The kernel's line means something else now: a new one in its place.
  (void)silence({&entry});
  bury(std::move(entry.armed), nullptr);
  publish_plans();
  if (auto armed = arm_entry(entry); !armed.ok()) {
    take_out(entry, cause_of(armed.error()), armed.error().message);
    return Fit::no;
  }
  entry.state = ProbeState::gone;  // until it is enabled
  put_to_work(entry, format("set anew for the build of '{}' that was loaded now", entry.module));
  return Fit::no;  // what the old line has recorded
}

void ProbeTable::module_left(const watch::ModuleLeft& left) {
  std::shared_ptr<ModuleGate> gate;
  for (const auto& entry : probes_) {
    if (!entry->armed || !entry->gate || entry->module != left.name) continue;
    gate = entry->gate;
    entry->awaited = true;
    if (entry->state == ProbeState::armed) {
      move(*entry, Cause::unloaded, format("module '{}' is not loaded", left.name));
    }
  }
  if (gate) pump_->close_gate(gate, left.time_ns, module_events_.empty());
}

void ProbeTable::check_modules() {
  const Result<std::string> text = read_file("/proc/modules");
  if (!text.ok()) return;
  std::set<std::string> loaded;
  for (const watch::LoadedModule& module : watch::parse_modules(*text)) {
    if (module.live) loaded.insert(module.name);
  }
  std::set<std::string> missed, look;
  for (const auto& entry : probes_) {
    if (!entry->armed || !entry->gate) continue;
    const bool there = loaded.contains(entry->module);
    if (there == entry->awaited) (there ? look : missed).insert(entry->module);
    if (there && entry->gate->unjudged()) look.insert(entry->module);
  }
  for (const std::string& name : look) look_at_module_(name);
  for (const std::string& name : missed) module_left({name, monotonic_ns()});
  // Names of functions, for callers: once the modules have come to rest, since that costs 100 ms.
  std::string seen = loaded_modules(*text);
  const bool at_rest = seen == modules_last_look_;
  modules_last_look_ = std::move(seen);
  if (!at_rest || !machine_) return;
  if (modules_last_look_ != modules_seen_ && refresh_machine().ok()) publish_plans();
  if (modules_last_look_ != modules_tried_) {
    modules_tried_ = modules_last_look_;
    retry_on_module("");
  }
}

void ProbeTable::retry_on_module(std::string_view module) {
  for (const auto& entry : probes_) {
    if (entry->armed) continue;
    if (entry->state != ProbeState::failed && entry->state != ProbeState::pending) continue;
    // One that waits may have come with any module, and may be in the file of a new one.
    const bool any = module.empty() && !entry->missing.empty();
    if (entry->module != module && !any) continue;
    if (auto armed = arm_listed(*entry); armed.ok()) {
      put_to_work(*entry, "");
    } else if (symbols::is_still_reading(armed.error())) {
      modules_tried_.clear();  // at the next look
    } else if (entry->state == ProbeState::failed && may_pass(armed.error())) {
      move(*entry, Cause::exhausted, armed.error().message);
      plan_retry(*entry);
    }
  }
}

}  // namespace kprobed::engine
