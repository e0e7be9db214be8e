// SPDX-License-Identifier: Apache-2.0
//
// ProbeTable's probes that are wished for and not in the kernel: held, failed, or to be tried
// again.
#include <algorithm>
#include <cerrno>

#include "base/format.h"
#include "engine/clocks.h"
#include "engine/probe_entry.h"
#include "engine/probe_names.h"
#include "probespec/parse.h"

namespace kprobed::engine {

namespace {

constexpr std::uint64_t kSecondNs = 1'000'000'000;
/// The first try after a refusal, doubled up to the last.
constexpr std::uint64_t kFirstRetryNs = kSecondNs;
constexpr std::uint64_t kLastRetryNs = 64 * kSecondNs;

/// One sentence for a state's reason.
std::string in_short(const Error& error) {
  return error.hint.empty() ? error.message : error.message + "; " + error.hint;
}

}  // namespace

bool may_pass(const Error& error) {
  switch (error.code) {
    case ErrorCode::exhausted:
    case ErrorCode::busy:
    case ErrorCode::no_tracefs:
      return true;
    default:
      break;
  }
  switch (error.sys_errno) {
    case ENOMEM:
    case EBUSY:
    case EAGAIN:
    case EMFILE:
    case ENFILE:
    case ENOSPC:
    case EROFS:
      return true;
    default:
      return false;
  }
}

Cause cause_of(const Error& error) { return may_pass(error) ? Cause::exhausted : Cause::refused; }

Result<ProbeTable::Entry*> ProbeTable::list_only(const ProbeWish& wish, Cause cause,
                                                 std::string reason) {
  auto source = std::make_shared<Source>(Source{"saved probe", wish.spec});
  probespec::Parsed parsed = probespec::parse(source);
  if (!parsed.errors.empty()) return std::move(parsed.errors.front());
  if (parsed.specs.size() != 1) return Error(ErrorCode::malformed, "a saved probe is one spec");
  if (probes_.size() >= 2 * options_.max_probes) {
    return Error(ErrorCode::too_many, format("at most {} probes are listed besides those that are "
                                             "set",
                                             options_.max_probes));
  }
  auto entry = std::make_unique<Entry>();
  entry->name = unique_probe_name(
      wish.name.empty() ? default_probe_name(parsed.specs[0]) : wish.name, names_taken_);
  entry->wish = wish;
  entry->wish.name = entry->name;
  entry->resolved.spec = parsed.specs[0];
  entry->added_ns = realtime_ns();
  probes_.push_back(std::move(entry));
  Entry& listed = *probes_.back();
  begin_state(listed, cause, std::move(reason));
  if (listed.state == ProbeState::retried) plan_retry(listed);
  return &listed;
}

void ProbeTable::plan_retry(Entry& entry) {
  const std::uint64_t wait = std::min(kFirstRetryNs << std::min(entry.tries, 6u), kLastRetryNs);
  ++entry.tries;
  entry.retry_ns = monotonic_ns() + wait;
}

Result<void> ProbeTable::arm_listed(Entry& entry) {
  const auto armed_now = std::ranges::count_if(
      probes_, [](const std::unique_ptr<Entry>& other) { return other->armed != nullptr; });
  if (static_cast<std::size_t>(armed_now) >= options_.max_probes) {
    return Error(ErrorCode::too_many, format("at most {} probes are kept", options_.max_probes));
  }
  AddRequest request = request_of(entry);
  KPROBED_TRY(auto resolved, resolve_all(request));
  if (resolved.size() != 1) return Error(ErrorCode::malformed, "a saved probe is one spec");
  if (!resolved.front().missing.empty()) {
    return Error(ErrorCode::symbol_not_found, std::move(resolved.front().missing));
  }
  EventCount events;
  count_events(request, resolved.front(), events);
  KPROBED_TRY(const KernelDemand demand, demand_of(events));
  KPROBED_TRY_VOID(check_room(demand));
  KPROBED_TRY_VOID(start_pump());
  zeroing_.settle(*machine_, resolved);
  entry.resolved = std::move(resolved.front());
  entry.wish.spec = probespec::print(entry.resolved.spec);  // which may name its module now
  entry.rate_ns = entry.rate_before_ns = monotonic_ns();
  KPROBED_TRY_VOID(arm_entry(entry));
  entry.tries = 0;
  return {};
}

Result<void> ProbeTable::arm_held(const std::vector<Entry*>& entries, ProgressTeller* teller) {
  // Those that were resolved before are known well enough to tell whether there is room for all.
  EventCount events;
  for (const Entry* entry : entries) {
    const resolve::ResolvedProbe& last = entry->resolved;
    const bool known = !last.symbol.empty() || !last.path.empty() || !last.event_name.empty();
    if (!entry->armed && known) count_events(request_of(*entry), last, events);
  }
  KPROBED_TRY(const KernelDemand demand, demand_of(events));
  KPROBED_TRY_VOID(check_room(demand));
  std::vector<Entry*> fresh;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    Entry* entry = entries[i];
    if (teller != nullptr) teller->at(i, entries.size());
    if (entry->armed) continue;
    if (auto armed = arm_listed(*entry); !armed.ok()) {
      if (entry->wish.pending && armed.error().code == ErrorCode::symbol_not_found) {
        await(*entry, armed.error().message);
        continue;
      }
      for (Entry* other : fresh) bury(std::move(other->armed), nullptr);
      return std::move(armed).error();
    }
    fresh.push_back(entry);
  }
  return {};
}

Result<void> ProbeTable::restore(const ProbeWish& wish, bool hold) {
  const bool of_file = wish.origin.starts_with('/');
  if (wish.expires_boottime_ms && *wish.expires_boottime_ms <= boottime_ms()) return {};
  if (hold) {
    KPROBED_TRY_VOID(
        list_only(wish, Cause::distrusted, "kprobed crashed repeatedly while it was armed"));
    return {};
  }
  AddRequest request{.source = std::make_shared<Source>(Source{"saved probe", wish.spec}),
                     .owner_uid = wish.owner_uid,
                     .keep_for = std::nullopt,
                     .disabled = wish.disabled,
                     .follow_drift = wish.follow_drift,
                     .allow_oversize = wish.allow_oversize,
                     .pending = wish.pending,
                     .exact = wish.exact,
                     .trust_modules = !of_file,
                     .name = wish.name,
                     .origin = wish.origin,
                     .asked = wish.asked};
  if (wish.expires_boottime_ms) {
    request.keep_for = std::chrono::milliseconds(*wish.expires_boottime_ms - boottime_ms());
  }
  auto added = add(request);
  if (added.ok()) return {};
  // The wish stays one: who reads the list sees what is missing, and why.
  KPROBED_TRY_VOID(list_only(wish, cause_of(added.error()), in_short(added.error())));
  if (symbols::is_still_reading(added.error())) return {};  // nothing to complain about
  return std::move(added).error();
}

std::optional<std::uint64_t> ProbeTable::retry() {
  std::optional<std::uint64_t> next;
  for (const auto& entry : probes_) {
    if (entry->state != ProbeState::retried) continue;
    if (entry->retry_ns <= monotonic_ns()) {
      auto armed = arm_listed(*entry);
      if (armed.ok()) {
        put_to_work(*entry, "");
        continue;
      }
      if (entry->wish.pending && armed.error().code == ErrorCode::symbol_not_found) {
        await(*entry, armed.error().message);
        move(*entry, Cause::awaited, "");
        continue;
      }
      (void)move(*entry, cause_of(armed.error()), in_short(armed.error()));
      if (entry->state != ProbeState::retried) continue;
      plan_retry(*entry);
    }
    next = std::min(next.value_or(entry->retry_ns), entry->retry_ns);
  }
  return next;
}

bool ProbeTable::put_to_work(Entry& entry, std::string reason) {
  move(entry, cause_when_set(entry), std::move(reason));
  publish_plans();  // before the first sample can come
  auto enabled = enable({&entry});
  if (enabled.ok()) return true;
  take_out(entry, cause_of(enabled.error()), in_short(enabled.error()));
  return false;
}

void ProbeTable::take_out(Entry& entry, Cause cause, std::string reason) {
  (void)silence({&entry});
  move(entry, cause, std::move(reason));
  if (entry.state == ProbeState::retried) plan_retry(entry);
  publish_plans();
  if (entry.armed) bury(std::move(entry.armed), nullptr);
}

}  // namespace kprobed::engine
