// SPDX-License-Identifier: Apache-2.0
//
// One event of the kernel's, open on every CPU, and the probes that share it. Closing an event
// waits for RCU, some 50 ms however many CPUs there are, and each has a descriptor per CPU: so
// kprobes whose records look alike are lines of one event, told apart by their address (DESIGN 7).
// Never uprobes: to edit a live event of several crashes kernels (KERNEL-FACTS 24).
//
// Lines come and go while the event is open; who is left notices nothing (KERNEL-FACTS 25). What
// belongs to the event they share: its filter, whether it is enabled, which ring it writes into,
// and perf's counts.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "decode/format_file.h"
#include "engine/cpu_rings.h"
#include "engine/governor.h"
#include "resolve/resolved_probe.h"
#include "ringbuf/attached_event.h"
#include "tracefs/installed_probe.h"

namespace kprobed::engine {

/// The kernel moves a probe at a function's entry behind its landing pad or its ABI's prologue, so
/// that a sample's address may be so many bytes past the one that was asked for, less one.
inline constexpr std::uint64_t kAddressSlack = 16;

struct EventAccount;

/// What two probes must have in common to share an event: kind, names and types of the arguments,
/// condition, owner, and whether they may be sampled. "" for a probe that shares with nobody: no
/// kprobe, several functions, code of a module (whose samples pass a gate of their own), or an
/// address that is not known.
std::string group_signature(const resolve::ResolvedProbe& probe, std::uint32_t owner_uid,
                            bool exact);

/// Is `address` so far from each of `others` that their samples can be told apart?
bool is_apart(const std::set<std::uint64_t>& others, std::uint64_t address);

class EventGroup {
 public:
  /// `installed`: the event's `lines` lines; nullopt for an event that was there already. `opened`
  /// writes into the rings of `lane`. `address` of its probe; 0: it takes no others.
  EventGroup(std::optional<tracefs::InstalledProbe> installed, std::size_t lines,
             decode::EventFormat event_format, ringbuf::AttachedEvent opened, Lane lane,
             std::uint64_t address);

  /// On every CPU; nothing to do if it is enabled already.
  Result<void> enable();
  /// All of its probes at once; nobody else may come in until it is enabled again.
  Result<void> disable();

  /// CPUs that come and go: see AttachedEvent. The newcomer is silent until the next enable().
  Result<void> join(const ringbuf::RingTarget& ring);
  std::vector<UniqueFd> leave(unsigned cpu) { return event_.leave(cpu); }

  /// Into the other rings, while it is live and losing nothing. Waits for RCU.
  Result<void> move_to(Lane lane, const CpuRings& rings);
  Lane lane() const { return lane_; }
  /// Of its hits one in `period` is recorded from now on.
  Result<void> set_period(std::uint64_t period) {
    sampled_ = sampled_ || period != 1;
    return event_.set_period(period);
  }
  /// Has it ever recorded less than every hit?
  bool sampled() const { return sampled_; }
  Governor governor;
  /// What had been counted and read of it at the governor's last look, and when it last told.
  struct Counted {
    std::uint64_t hits = 0, read = 0;
  };
  Counted looked, told;
  std::uint64_t told_ns = 0;

  /// Since when it has been where it is, or could have been moved and was not (monotonic ns), and
  /// how many samples of it had been read then: what its rate is judged by.
  struct Pace {
    std::uint64_t since_ns = 0, read = 0;
  };
  Pace pace;
  std::shared_ptr<EventAccount> account;  ///< of what became of its hits; null where nobody asks

  /// Can the probe at `address` come in, and its samples be told from those of the others?
  bool takes(std::uint64_t address) const;
  /// Its line; armed at once if the event is enabled. `refusal` as for tracefs::append().
  Result<void> add_line(const std::string& line, std::uint64_t address, tracefs::Refusal* refusal);
  /// Out again, not the last one. Waits for RCU.
  Result<void> remove_line(const std::string& line, std::uint64_t address,
                           std::chrono::milliseconds patience);
  /// Nobody else may come in: its lines are not what they should be.
  void shut() { shut_ = true; }

  /// Closes the event, then removes all its lines. Waits for RCU.
  Result<void> close(std::chrono::milliseconds patience);

  const ringbuf::AttachedEvent& event() const { return event_; }
  const decode::EventFormat& event_format() const { return format_; }
  const std::optional<tracefs::InstalledProbe>& installed() const { return installed_; }
  /// See InstalledProbe.
  void tracefs_moved_to(const tracefs::Tracefs& tracefs);
  /// How many lines it should have in tracefs; 0 for an event that was there.
  std::size_t lines() const { return lines_; }
  /// On every CPU.
  bool enabled() const { return enabled_; }
  /// Has it ever had more than one probe?
  bool was_shared() const { return was_shared_; }
  /// When it was disabled last (monotonic ns); 0: never.
  std::uint64_t disabled_ns() const { return disabled_ns_; }
  /// How many probes share it.
  std::size_t probes() const { return addresses_.empty() ? 1 : addresses_.size(); }

 private:
  // In this order: descriptors close before the line goes (EBUSY otherwise).
  std::optional<tracefs::InstalledProbe> installed_;
  std::size_t lines_;
  decode::EventFormat format_;
  ringbuf::AttachedEvent event_;
  Lane lane_;
  bool enabled_ = false, silenced_ = false, was_shared_ = false, shut_ = false, sampled_ = false;
  std::uint64_t disabled_ns_ = 0;
  std::set<std::uint64_t> addresses_;  ///< empty: it takes no others
};

}  // namespace kprobed::engine
