// SPDX-License-Identifier: Apache-2.0
//
// ProbeTable's requests to add, in slices: a thousand probes are armed for many seconds, and nobody
// else's request waits for that. Each slice is in the table and records like any other probe; if
// one is refused, those before it go again.
#include <algorithm>
#include <utility>

#include "engine/clocks.h"
#include "engine/probe_entry.h"

namespace kprobed::engine {

namespace {
/// How long others wait for a slice, and one probe more.
constexpr std::uint64_t kAddSliceNs = 40'000'000;
}  // namespace

Result<std::shared_ptr<ProbeTable::Adding>> ProbeTable::begin_adding(const AddRequest& request) {
  auto adding = std::make_shared<Adding>();
  KPROBED_TRY(adding->probes, resolve_all(request));
  if (adding->probes.empty()) return Error(ErrorCode::usage, "no probe given");
  if (request.origin == kPersistent && request.keep_for) {
    return Error(ErrorCode::usage, "a probe is either persistent or for a while");
  }
  KPROBED_TRY(adding->events, prepare_for(request, adding->probes, 0));
  adding->request = request;
  adding->batch = ++last_batch_;
  adding->modules = modules_seen_;
  std::erase_if(addings_, [](const auto& other) { return other.expired(); });
  addings_.push_back(adding);
  coming_ += adding->probes.size();
  coming_events_ += adding->events;
  return adding;
}

void ProbeTable::cancel_addings() {
  for (const auto& adding : std::exchange(addings_, {})) {
    if (const auto going_on = adding.lock()) going_on->cancelled = true;
  }
}

Result<void> ProbeTable::check_adding(Adding& adding) {
  if (adding.cancelled) {
    return Error(ErrorCode::cancelled,
                 "all probes were removed or replaced while these were added");
  }
  if (adding.next == 0) return {};  // just resolved
  KPROBED_TRY_VOID(refresh_machine());
  if (adding.modules == modules_seen_) return {};
  // Another build of a module, or none: what was found in it is not to be relied on.
  KPROBED_TRY(auto again, resolve_all(adding.request));
  if (again.size() != adding.probes.size()) {
    return Error(ErrorCode::internal, "a request's probes are not as many as they were");
  }
  adding.probes = std::move(again);
  adding.modules = modules_seen_;
  return {};
}

Result<bool> ProbeTable::add_some(Adding& adding) {
  const std::uint64_t end = monotonic_ns() + kAddSliceNs;
  std::vector<std::unique_ptr<Entry>> entries;
  Result<void> refused = check_adding(adding);
  while (refused.ok() && adding.next < adding.probes.size()) {
    const bool named = adding.next == 0 && !adding.request.name.empty();
    auto entry = make_entry(adding.request, std::move(adding.probes[adding.next]), named);
    if (!entry.ok()) {
      refused = std::move(entry).error();
      break;
    }
    if ((*entry)->armed && (*entry)->armed->alone()) {
      const std::size_t opened = std::min(adding.events, (*entry)->armed->event().descriptors());
      adding.events -= opened;
      coming_events_ -= opened;
    }
    (*entry)->batch = adding.batch;
    entries.push_back(std::move(entry).value());
    ++adding.next;
    --coming_;
    if (monotonic_ns() >= end) break;
  }
  if (refused.ok()) {
    auto names = take_in(std::move(entries));
    if (names.ok()) {
      adding.names.insert(adding.names.end(), names->begin(), names->end());
    } else {
      refused = std::move(names).error();
    }
  } else {
    give_up(std::move(entries));
  }
  std::vector<Entry*> here;
  for (const auto& entry : probes_) {
    if (entry->batch == adding.batch) here.push_back(entry.get());
  }
  if (!refused.ok() || adding.next == adding.probes.size()) {
    coming_events_ -= std::exchange(adding.events, 0);
  }
  if (!refused.ok()) {
    coming_ -= adding.probes.size() - adding.next;
    drop(here, "another one of the same request was refused", nullptr);
    return std::move(refused).error();
  }
  if (adding.next < adding.probes.size()) return true;
  for (Entry* entry : here) entry->batch = 0;
  return false;
}

Result<std::vector<std::string>> ProbeTable::add(const AddRequest& request) {
  KPROBED_TRY(const auto adding, begin_adding(request));
  for (bool more = true; more;) {
    KPROBED_TRY(more, add_some(*adding));
  }
  return adding->names;
}

}  // namespace kprobed::engine
