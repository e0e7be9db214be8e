// SPDX-License-Identifier: Apache-2.0
//
// ProbeTable's way from a request's text to entries that are armed.
#include <utility>

#include "base/file.h"
#include "base/format.h"
#include "base/text.h"
#include "engine/clocks.h"
#include "engine/explain.h"
#include "engine/preflight.h"
#include "engine/probe_entry.h"
#include "engine/probe_names.h"
#include "probespec/parse.h"
#include "ringbuf/descriptor_limit.h"
#include "stream/json_lines.h"
#include "tracefs/groups.h"

namespace kprobed::engine {

namespace {

/// Makes the wish say which module it is about, so that it means the same while that is not loaded,
/// and an address follows its code to where the module is loaded next.
void name_module(resolve::ResolvedProbe& probe) {
  probespec::ProbePoint& point = probe.spec.point;
  if (probe.source != resolve::EventSource::kprobe || probe.module.empty() || point.several()) {
    return;
  }
  if (point.address) {
    probe.remarks.push_back(
        {"follows",
         format("{} is {}:{}+{}: the probe follows that when the module is loaded anew",
                hex(*point.address), probe.module, probe.symbol, probe.offset),
         "", point.span});
    point.address.reset();
    point.symbol = probe.symbol;
    point.offset = static_cast<std::int64_t>(probe.offset);
  }
  point.module = probe.module;
}

/// Can a module that comes later bring what `error` says is not there?
bool may_come(const Error& error, const probespec::ProbeSpec& spec) {
  return error.code == ErrorCode::symbol_not_found && spec.point.path.empty() &&
         spec.mechanism == probespec::Mechanism::probe;
}

}  // namespace

AddRequest ProbeTable::request_of(const Entry& entry) {
  AddRequest request;
  request.source = std::make_shared<Source>(Source{"saved probe", entry.wish.spec});
  request.follow_drift = entry.wish.follow_drift;
  request.allow_oversize = entry.wish.allow_oversize;
  request.pending = entry.wish.pending;
  request.trust_modules = !entry.resolved.kernel_point.empty();
  request.owner_uid = entry.wish.owner_uid;
  request.exact = entry.wish.exact;
  request.disabled = entry.wish.disabled || entry.alone;  // an event of its own
  return request;
}

Result<void> ProbeTable::refresh_machine() {
  // Symbols come and go with modules only; reading kallsyms anew costs 100 ms, so not for every
  // probe. Where nothing has been resolved for a while they are read all the same.
  if (machine_ && !machine_->tracefs.there()) check_lines();  // which finds it where it is now
  const Result<std::string> modules = read_file("/proc/modules");
  const std::string seen = modules.ok() ? loaded_modules(*modules) : std::string();
  if (machine_ && seen == modules_seen_) return {};
  symbols_ns_ = monotonic_ns();
  types_since_ns_ = symbols_ns_;
  KPROBED_TRY(Machine machine, Machine::open_for_arming(module_files_));
  machine_ = std::move(machine);
  modules_seen_ = seen;
  return {};
}

Result<void> ProbeTable::start_pump() {
  if (pump_) return {};
  KPROBED_TRY(CpuRings rings,
              CpuRings::open(options_.ring_bytes_per_cpu, options_.cpus, options_.kernel_memory));
  rings_ = rings;
  KPROBED_TRY(pump_, PumpThread::start(std::move(rings), log_,
                                       {.published = options_.published,
                                        .loaded = look_at_module_,
                                        .crowded =
                                            [this] {
                                              crowded_ = true;
                                              tell_crowded_();
                                            }},
                                       options_.hide_samples));
  // Without these the messages about modules must do, which come later than what they tell of.
  if (auto heard = hear_modules(*machine_, rings_); heard.ok()) {
    module_events_ = std::move(heard).value();
  }
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
  types_since_ns_ = monotonic_ns();
  std::vector<resolve::ResolvedProbe> probes;
  for (const probespec::ProbeSpec& spec : parsed.specs) {
    auto resolved = resolve::resolve(spec, *machine_->kernel,
                                     {.follow_drift = request.follow_drift,
                                      .await_symbols = request.pending,
                                      .trust_modules = request.trust_modules});
    if (!resolved.ok() && request.pending && may_come(resolved.error(), spec)) {
      resolve::ResolvedProbe missing;
      missing.spec = spec;
      missing.missing = resolved.error().message;
      probes.push_back(std::move(missing));
      continue;
    }
    KPROBED_TRY(auto probe, std::move(resolved));
    KPROBED_TRY_VOID(preflight(probe, machine_->kernel->features(), preflight_options));
    name_module(probe);
    probes.push_back(std::move(probe));
  }
  return probes;
}

Result<std::unique_ptr<ArmedProbe>> ProbeTable::arm(const resolve::ResolvedProbe& probe,
                                                    const Entry& entry) {
  // What is to stay silent cannot be in an event that others record with.
  const std::string signature =
      entry.wish.disabled || entry.alone
          ? std::string()
          : group_signature(probe, entry.wish.owner_uid, entry.wish.exact);
  if (auto group = group_for(probe, signature)) {
    auto joined = ArmedProbe::join(std::move(group), *machine_, probe, entry.name);
    if (joined.ok()) return std::make_unique<ArmedProbe>(std::move(joined).value());
    // What is wrong with it an event of its own will tell.
  }
  if (next_event_ == 0) next_event_ = first_free_event();
  const PrivateName private_name{std::string(tracefs::kDaemonGroup), format("d{}", next_event_)};
  if (next_event_ != 0) ++next_event_;
  KPROBED_TRY(ArmedProbe armed,
              ArmedProbe::arm(*machine_, rings_, lane_for_new(), probe, private_name, entry.name));
  KPROBED_TRY_VOID(ringbuf::check_descriptors_left(kDescriptorsKept));
  open_account(armed);
  armed.group().pace = {.since_ns = monotonic_ns(), .read = entry.tally->read};
  armed.group().looked.read = armed.group().told.read = entry.tally->read;
  if (entry.begin_period != kEveryHit) {
    KPROBED_TRY_VOID(armed.group().set_period(entry.begin_period));
    armed.group().governor.begin_at(entry.begin_period);
  }
  all_groups_.push_back(armed.shared_group());
  if (!signature.empty()) open_groups_[signature] = armed.shared_group();
  return std::make_unique<ArmedProbe>(std::move(armed));
}

Result<void> ProbeTable::arm_entry(Entry& entry) {
  const std::string module = module_of(entry.resolved);
  entry.awaited = !module.empty() && !machine_->kernel->module_loaded(module);
  if (entry.resolved.spec.max_active == 0) entry.resolved.spec.max_active = entry.max_active;
  renew_tally(entry);
  KPROBED_TRY(entry.armed, arm(entry.resolved, entry));
  entry.begin_period = kEveryHit;
  if (auto refused = entry.armed->refused()) {
    entry.resolved.remarks.push_back(std::move(*refused));
  }
  stream::WallClock unused;
  std::string schema;
  stream::JsonLines(stream::AddressNames(), unused).schema(*entry.armed->plan(), schema);
  begin_account(entry);
  entry.armed->join_log(directory_.add(entry.name, std::move(schema)), entry.tally);
  entry.checked = !entry.awaited;
  entry.missing.clear();
  hear_of_module(entry);
  return {};
}

bool ProbeTable::arm_beside(Entry& entry) {
  auto old = std::move(entry.armed);
  const auto old_tally = entry.tally;
  const std::uint64_t old_published = entry.earlier_published;
  if (!arm_entry(entry).ok()) {
    entry.armed = std::move(old);
    entry.tally = old_tally;
    entry.earlier_published = old_published;
    return false;
  }
  std::swap(entry.armed, old);
  (void)silence({&entry});
  std::swap(entry.armed, old);
  bury(std::move(old), nullptr);
  return true;
}

Result<std::size_t> ProbeTable::prepare_for(const AddRequest& request,
                                            std::vector<resolve::ResolvedProbe>& probes,
                                            std::size_t leaving) {
  const std::size_t count = probes.size();
  const std::size_t here = probes_.size() + coming_ - leaving;
  if (here + count > options_.max_probes) {
    return Error(ErrorCode::too_many, format("{} probes are here already; at most {} are kept",
                                             here, options_.max_probes))
        .with_hint("remove some, or raise max_probes in kprobed.conf");
  }
  // Those the kernel has not let go of yet take no place, but there is an end to them too.
  if (probes_.size() + coming_ + graveyard_.size() + count > 2 * options_.max_probes) {
    return Error(ErrorCode::too_many,
                 format("{} probes are still being removed", graveyard_.size()))
        .with_hint("try again in a while");
  }
  EventCount events;
  for (const resolve::ResolvedProbe& probe : probes) count_events(request, probe, events);
  KPROBED_TRY(const KernelDemand demand, demand_of(events));
  KPROBED_TRY_VOID(check_room(demand));
  KPROBED_TRY_VOID(start_pump());
  zeroing_.settle(*machine_, probes);
  directory_.forget(log_.extent().oldest);
  return demand.per_cpu * demand.cpus;
}

Result<std::unique_ptr<ProbeTable::Entry>> ProbeTable::make_entry(const AddRequest& request,
                                                                  resolve::ResolvedProbe probe,
                                                                  bool named) {
  auto entry = std::make_unique<Entry>();
  entry->name =
      unique_probe_name(named ? request.name : default_probe_name(probe.spec), names_taken_);
  entry->wish = {.spec = probespec::print(probe.spec),
                 .name = entry->name,
                 .owner_uid = request.owner_uid,
                 .disabled = request.disabled,
                 .follow_drift = request.follow_drift,
                 .allow_oversize = request.allow_oversize,
                 .exact = request.exact,
                 .expires_boottime_ms = std::nullopt,
                 .origin = request.origin,
                 .asked = request.asked,
                 .pending = request.pending};
  if (request.keep_for) {
    entry->wish.expires_boottime_ms =
        boottime_ms() + static_cast<std::uint64_t>(request.keep_for->count());
  }
  entry->added_ns = realtime_ns();
  entry->rate_ns = entry->rate_before_ns = monotonic_ns();
  entry->resolved = std::move(probe);
  if (!entry->resolved.missing.empty()) {
    await(*entry, std::exchange(entry->resolved.missing, {}));
  } else if (auto armed = arm_entry(*entry); !armed.ok()) {
    std::vector<std::unique_ptr<Entry>> given_up;
    given_up.push_back(std::move(entry));
    give_up(std::move(given_up));
    return std::move(armed).error();
  }
  // Many take seconds; what others' probes cost meanwhile must not wait for them.
  relieve_fast_rings();
  return entry;
}

Result<std::vector<std::unique_ptr<ProbeTable::Entry>>> ProbeTable::make_entries(
    const AddRequest& request, std::vector<resolve::ResolvedProbe> probes, std::size_t leaving,
    ProgressTeller* teller) {
  std::vector<std::unique_ptr<Entry>> entries;
  if (probes.empty()) return entries;
  KPROBED_TRY_VOID(prepare_for(request, probes, leaving));
  for (resolve::ResolvedProbe& probe : probes) {
    auto entry = make_entry(request, std::move(probe), entries.empty() && !request.name.empty());
    if (!entry.ok()) {
      give_up(std::move(entries));
      return std::move(entry).error();
    }
    entries.push_back(std::move(entry).value());
    if (teller != nullptr) teller->at(entries.size(), probes.size() + leaving);
  }
  return entries;
}

void ProbeTable::await(Entry& entry, std::string missing) {
  entry.awaited = true;
  entry.missing = std::move(missing);
  // Whose module is here without it is tried again when another build comes.
  entry.module = entry.resolved.spec.point.module;
}

void ProbeTable::give_up(std::vector<std::unique_ptr<Entry>> entries) {
  for (const auto& entry : entries) {
    names_taken_.erase(entry->name);
    if (entry->armed) bury(std::move(entry->armed), nullptr);
  }
}

Result<std::vector<std::string>> ProbeTable::take_in(std::vector<std::unique_ptr<Entry>> entries) {
  std::vector<std::string> names;
  std::vector<Entry*> fresh;
  for (auto& entry : entries) {
    begin_state(*entry, cause_when_set(*entry), "");
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
  std::set<const EventGroup*> fresh;
  for (Entry* entry : entries) {
    if (!may_record(entry->state) || !entry->armed) continue;
    if (!entry->armed->group().enabled()) fresh.insert(&entry->armed->group());
    auto enabled = entry->armed->enable();
    if (!enabled.ok()) return std::move(enabled).error().while_doing(entry->name);
  }
  mark_attached(fresh, true);
  return {};
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

}  // namespace kprobed::engine
