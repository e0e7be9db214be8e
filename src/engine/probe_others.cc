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
#include "tracefs/groups.h"

namespace kprobed::engine {

namespace {

bool says_zero(const std::string& path) {
  const Result<std::string> text = read_file(path, 4096);
  return text.ok() && trim(*text) == "0";
}

constexpr std::string_view kSwitchedOff = "the kernel's kprobes are switched off: ";
constexpr std::string_view kKprobesSwitch = "/sys/kernel/debug/kprobes/enabled";

}  // namespace

void ProbeTable::check_lines() {
  if (!machine_) return;
  auto listed = tracefs::list(machine_->tracefs);
  if (!listed.ok()) {
    tell_once(tracefs_trouble_, "tracefs cannot be read: " + listed.error().message);
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
  tracefs_trouble_.clear();
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
  tell_once(switch_trouble_, off);
  if (off.empty()) switch_trouble_.clear();
}

void ProbeTable::tell(const std::string& sentence) {
  if (options_.warn) options_.warn(sentence);
}

void ProbeTable::tell_once(std::string& last, const std::string& sentence) {
  if (last == sentence || sentence.empty()) return;
  last = sentence;
  tell(sentence);
}

}  // namespace kprobed::engine
