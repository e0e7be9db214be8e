// SPDX-License-Identifier: Apache-2.0
//
// ProbeTable and what other tools do. While our events are open the kernel refuses to have all
// probes deleted (EBUSY), but not to have lines taken from an event of several functions
// (KERNEL-FACTS 25); and the kernel's switches turn everybody's probes off.
#include <algorithm>
#include <map>

#include "base/file.h"
#include "base/format.h"
#include "base/text.h"
#include "engine/clocks.h"
#include "engine/probe_entry.h"
#include "tracefs/event_lines.h"
#include "tracefs/groups.h"

namespace kprobed::engine {

namespace {

bool says_zero(const std::string& path) {
  const Result<std::string> text = read_file(path, 4096);
  return text.ok() && trim(*text) == "0";
}

constexpr std::string_view kSwitchedOff = "the kernel's kprobes are switched off: ";
constexpr std::string_view kKprobesSwitch = "/sys/kernel/debug/kprobes/enabled";

/// How many of them are removed at one look: each waits for RCU, and requests wait meanwhile.
constexpr std::size_t kOwnerlessAtOnce = 16;

/// N of "dN", as our events are called.
std::optional<std::uint64_t> number_of(const tracefs::ListedProbe& probe) {
  if (probe.group != tracefs::kDaemonGroup || !probe.event.starts_with('d')) return std::nullopt;
  return parse_number(std::string_view(probe.event).substr(1));
}

}  // namespace

void ProbeTable::check_lines() {
  if (!machine_ && !ownerless_) return;
  if (!machine_) {
    // Nothing was set yet, and the sweep has failed.
    const auto found = open_tracefs_for_arming();
    if (!found.ok()) return;
    if (const auto left = tracefs::list(*found); left.ok()) remove_ownerless(*found, *left);
    return;
  }
  auto listed = tracefs::list(machine_->tracefs);
  if (!listed.ok()) {
    tell_once(tracefs_trouble_, "tracefs cannot be read: " + kprobed::describe(listed.error()));
    // Unmounted, maybe to be mounted elsewhere. What is armed goes on meanwhile: its descriptors
    // need no file system.
    auto found = open_tracefs_for_arming();
    if (!found.ok()) return;
    const bool moved = found->root() != machine_->tracefs.root();
    tell("tracefs was not where it had been, and is used at " + found->root());
    if (!moved) return;
    for (const auto& entry : probes_) {
      if (entry->armed) entry->armed->group().tracefs_moved_to(*found);
    }
    for (Dead& dead : graveyard_) {
      if (dead.probe) dead.probe->group().tracefs_moved_to(*found);
    }
    machine_.reset();
    return;
  }
  untell(tracefs_trouble_);
  if (ownerless_) remove_ownerless(machine_->tracefs, *listed);
  std::map<std::string_view, std::size_t> lines;
  for (const tracefs::ListedProbe& probe : *listed) {
    if (probe.group == tracefs::kDaemonGroup) ++lines[probe.event];
  }
  std::vector<Entry*> robbed;
  for (const auto& entry : probes_) {
    if (!entry->armed || !entry->armed->installed()) continue;
    const auto found = lines.find(entry->armed->installed()->event());
    const std::size_t there = found == lines.end() ? 0 : found->second;
    if (there >= entry->armed->group().lines()) continue;
    // Of those that share the event nobody can tell whose line it was before looking closely: all
    // of them are set anew.
    entry->armed->group().shut();
    robbed.push_back(entry.get());
  }
  for (Entry* entry : robbed) restore_lines(*entry);
}

void ProbeTable::restore_lines(Entry& entry) {
  take_out(entry, Cause::exhausted, "another tool has removed lines of it from tracefs");
  if (auto armed = arm_listed(entry); !armed.ok()) {
    (void)move(entry, cause_of(armed.error()), armed.error().message);
    return;
  }
  (void)put_to_work(entry, "set again: another tool had removed lines of it from tracefs");
}

void ProbeTable::remove_ownerless(const tracefs::Tracefs& tracefs,
                                  const std::vector<tracefs::ListedProbe>& listed) {
  std::set<std::string_view> owned;
  const auto own = [&owned](const std::unique_ptr<ArmedProbe>& probe) {
    if (probe && probe->installed()) owned.insert(probe->installed()->event());
  };
  for (const auto& entry : probes_) own(entry->armed);
  for (const Dead& dead : graveyard_) own(dead.probe);
  std::size_t tried = 0, left = 0;
  std::string why;
  for (const tracefs::ListedProbe& probe : listed) {
    if (!number_of(probe) || owned.contains(probe.event)) continue;
    if (tried++ < kOwnerlessAtOnce) {
      const auto removed = tracefs::remove(tracefs, probe, std::chrono::milliseconds(0));
      if (removed.ok()) continue;
      why = kprobed::describe(removed.error());
    }
    ++left;
  }
  // A removal that is still to come may fail as well, and says so then.
  ownerless_ = left != 0;
  if (!ownerless_) {
    untell(ownerless_trouble_);
  } else if (!why.empty()) {
    tell_once(ownerless_trouble_,
              "lines of removed probes are still in tracefs, and are tried again: " + why);
  }
}

std::uint64_t ProbeTable::first_free_event() const {
  const auto listed = tracefs::list(machine_->tracefs);
  if (!listed.ok()) return 0;  // nor can a line be written
  std::uint64_t first = 1;
  for (const tracefs::ListedProbe& probe : *listed) {
    // Nobody has counted beyond that; a foreign line may say anything.
    constexpr std::uint64_t kMost = std::uint64_t{1} << 32;
    const auto number = number_of(probe);
    if (number && *number < kMost) first = std::max(first, *number + 1);
  }
  return first;
}

void ProbeTable::check_switches() {
  std::string off;
  if (says_zero(std::string(kKprobesSwitch)))
    off = format("{}{} is 0", kSwitchedOff, kKprobesSwitch);
  // Probes at the beginning of functions go through ftrace where the architecture has that.
  const bool no_ftrace = off.empty() && says_zero("/proc/sys/kernel/ftrace_enabled");
  if (no_ftrace) off = format("{}kernel.ftrace_enabled is 0", kSwitchedOff);
  if (off.empty() && !switched_off_) return;
  switched_off_ = !off.empty();
  for (const auto& entry : probes_) {
    const resolve::ResolvedProbe& probe = entry->resolved;
    const bool concerned = entry->armed && probe.source == resolve::EventSource::kprobe &&
                           (!no_ftrace || probe.at_entry);
    if (concerned && !off.empty() && entry->state == ProbeState::armed) {
      move(*entry, Cause::unloaded, off);
    } else if (off.empty() && entry->state == ProbeState::gone &&
               entry->reason.starts_with(kSwitchedOff)) {
      move(*entry, entry->awaited ? Cause::unloaded : Cause::set,
           entry->awaited ? format("module '{}' is not loaded", entry->module) : std::string());
    }
  }
  if (off.empty()) {
    untell(switch_trouble_);
  } else {
    tell_once(switch_trouble_, off);
  }
}

void ProbeTable::tell(const std::string& sentence) {
  if (options_.warn) options_.warn(sentence);
}

void ProbeTable::tell_once(std::string& last, const std::string& sentence) {
  if (last == sentence) return;
  untell(last);
  last = sentence;
  tell(sentence);
}

void ProbeTable::untell(std::string& last) {
  if (!last.empty() && options_.unwarn) options_.unwarn(last);
  last.clear();
}

}  // namespace kprobed::engine
