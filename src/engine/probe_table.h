// SPDX-License-Identifier: Apache-2.0
//
// The daemon's probes and all that is done to them. Used by the control thread only; every call may
// wait for the kernel, but only remove_step() and close() wait for RCU.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/armed_probe.h"
#include "engine/control.h"
#include "engine/pump_thread.h"
#include "engine/zeroing.h"
#include "tracefs/groups.h"

namespace kprobed::engine {

class ProbeTable {
 public:
  ProbeTable(const ControlOptions& options, stream::StreamLog& log,
             stream::ProbeDirectory& directory);
  ~ProbeTable();

  Result<std::vector<std::string>> add(const AddRequest& request);
  /// As `check` prints it; nothing is armed.
  Result<std::string> check(const AddRequest& request);
  /// One wish of an earlier daemon; with `hold` it is only listed.
  Result<void> restore(const ProbeWish& wish, bool hold);

  /// Silent from now on, and queued for remove_step(). `ticket` counts those not yet gone.
  using Ticket = std::shared_ptr<std::size_t>;
  Result<std::vector<std::string>> remove(const Selection& which, std::string_view reason,
                                          const Ticket& ticket);
  Result<std::vector<std::string>> set_enabled(const Selection& which, bool enabled);
  Result<ApplyOutcome> apply(const AddRequest& request, const Ticket& ticket);

  /// Removes all probes and ends the pump, for good; waits for RCU, once a probe.
  void close();

  /// Takes one removed probe out of the kernel; waits for RCU. False if there is none left.
  bool remove_step();
  std::size_t removing() const { return graveyard_.size(); }

  /// Removes probes whose time is over; returns when the next one's will be (monotonic ns).
  std::optional<std::uint64_t> expire();

  std::vector<ProbeStatus> list();
  std::vector<ProbeStatus> list(const std::vector<std::string>& names);
  EngineStatus status();
  std::vector<ProbeWish> wishes() const;
  std::size_t size() const { return probes_.size(); }

  /// Remembers each probe's count, for its rate; looks whether probed programs have been replaced.
  void note_rates();

  /// Does it hold memory that only resolving needs? release_types() lets go of it.
  bool holds_types() const { return types_since_ns_ != 0; }
  /// Unless something was resolved in the last few seconds.
  void release_types();

  /// Removes what an earlier daemon left in tracefs.
  Result<std::vector<std::string>> sweep_leftovers();

 private:
  struct Entry;
  struct Dead {
    std::unique_ptr<ArmedProbe> probe;
    Ticket ticket;
  };

  Result<void> refresh_machine();
  Result<void> start_pump();
  Result<std::vector<resolve::ResolvedProbe>> resolve_all(const AddRequest& request);
  Result<std::unique_ptr<ArmedProbe>> arm(const resolve::ResolvedProbe& probe,
                                          const std::string& name);
  Result<void> arm_entry(Entry& entry);
  /// New entries for all, armed but not yet in the table nor enabled; none on error. `leaving`: so
  /// many of the table's go when these have come.
  Result<std::vector<std::unique_ptr<Entry>>> make_entries(
      const AddRequest& request, std::vector<resolve::ResolvedProbe> probes, std::size_t leaving);
  Result<std::vector<std::string>> take_in(std::vector<std::unique_ptr<Entry>> entries);
  Result<std::vector<Entry*>> select(const Selection& which);
  /// Out of the table, and queued for remove_step(). What they recorded until now is in the log.
  void drop(const std::vector<Entry*>& entries, std::string_view reason, const Ticket& ticket);
  /// No more events of these; those that there are have been drained.
  Result<void> silence(const std::vector<Entry*>& entries);
  Result<void> enable(const std::vector<Entry*>& entries);
  /// Puts held ones into the kernel, silent; all or none.
  Result<void> arm_held(const std::vector<Entry*>& entries);
  void bury(std::unique_ptr<ArmedProbe> probe, const Ticket& ticket);
  void publish_plans();
  void watch_binaries();
  void set_state(Entry& entry, ProbeState state, std::string reason);
  void announce(const Entry& entry, std::string_view state, std::string_view reason);
  ProbeStatus describe(const Entry& entry) const;
  void add_profile(std::vector<ProbeStatus>& all, const std::vector<const Entry*>& entries) const;

  const ControlOptions& options_;
  stream::StreamLog& log_;
  stream::ProbeDirectory& directory_;
  std::optional<Machine> machine_;
  std::string modules_seen_;  ///< /proc/modules when machine_ was opened
  std::shared_ptr<const stream::AddressNames> names_;
  // Rings and their thread outlive every probe that is redirected there.
  std::unique_ptr<PumpThread> pump_;
  std::deque<Dead> graveyard_;
  std::vector<std::unique_ptr<Entry>> probes_;
  std::uint64_t next_event_ = 1;
  ZeroingTest zeroing_{std::string(tracefs::kDaemonGroup)};
  std::uint64_t types_since_ns_ = 0;  ///< when something was resolved last; 0: nothing is held
  unsigned ring_peak_ = 0, ring_peak_before_ = 0;  ///< of this rate interval and the one before
};

}  // namespace kprobed::engine
