// SPDX-License-Identifier: Apache-2.0
//
// ProbeTable's requests to add, in slices: a thousand probes are armed for many seconds, and nobody
// else's request waits for that. Each slice is in the table and records like any other probe; if
// one is refused, those before it go again.
#include <utility>

#include "engine/clocks.h"
#include "engine/probe_entry.h"

namespace kprobed::engine {

namespace {
/// How long others wait for a slice, and one probe more.
constexpr std::uint64_t kAddSliceNs = 80'000'000;
}  // namespace

Result<std::shared_ptr<ProbeTable::Adding>> ProbeTable::begin_adding(const AddRequest& request) {
  auto adding = std::make_shared<Adding>();
  KPROBED_TRY(adding->probes, resolve_all(request));
  if (adding->probes.empty()) return Error(ErrorCode::usage, "no probe given");
  if (request.origin == kPersistent && request.keep_for) {
    return Error(ErrorCode::usage, "a probe is either persistent or for a while");
  }
  KPROBED_TRY_VOID(room_for(adding->probes.size(), 0));
  KPROBED_TRY_VOID(start_pump());
  zeroing_.settle(*machine_, adding->probes);
  directory_.forget(log_.extent().oldest);
  adding->request = request;
  adding->batch = ++last_batch_;
  coming_ += adding->probes.size();
  return adding;
}

Result<bool> ProbeTable::add_some(Adding& adding) {
  const std::uint64_t end = monotonic_ns() + kAddSliceNs;
  std::vector<std::unique_ptr<Entry>> entries;
  Result<void> refused;
  do {
    const bool named = adding.next == 0 && !adding.request.name.empty();
    auto entry = make_entry(adding.request, std::move(adding.probes[adding.next]), named);
    if (!entry.ok()) {
      refused = std::move(entry).error();
      break;
    }
    (*entry)->batch = adding.batch;
    entries.push_back(std::move(entry).value());
    ++adding.next;
    --coming_;
  } while (adding.next < adding.probes.size() && monotonic_ns() < end);
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
