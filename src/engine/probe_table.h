// SPDX-License-Identifier: Apache-2.0
//
// The daemon's probes and all that is done to them. Used by the control thread only; every call may
// wait for the kernel, but only remove_step() and close() wait for RCU.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/armed_probe.h"
#include "engine/control.h"
#include "engine/kernel_budget.h"
#include "engine/line_counts.h"
#include "engine/module_event.h"
#include "engine/pump_thread.h"
#include "engine/zeroing.h"
#include "tracefs/groups.h"
#include "watch/watcher.h"

namespace kprobed::engine {

class ProbeTable {
 public:
  /// `look_at_module` asks the watcher to look, any thread; what it sees comes to changed().
  /// `crowded`, too: relieve_fast_rings() is due.
  ProbeTable(const ControlOptions& options, stream::StreamLog& log,
             stream::ProbeDirectory& directory, std::function<void(std::string)> look_at_module,
             std::function<void()> crowded);
  ~ProbeTable();

  /// A request to add: thousands of probes take seconds, in which others are answered.
  struct Adding {
    AddRequest request;
    std::vector<resolve::ResolvedProbe> probes;
    std::size_t next = 0;            ///< of `probes`
    std::vector<std::string> names;  ///< of those that are here
    std::uint64_t batch = 0;
    std::string modules;     ///< loaded when `probes` were resolved
    std::size_t events = 0;  ///< that those not yet here will open, each CPU counted
    bool cancelled = false;  ///< somebody has removed all, or said which there are to be
  };
  /// All of it resolved, and nothing armed yet. Has to be brought to its end by add_some().
  Result<std::shared_ptr<Adding>> begin_adding(const AddRequest& request);
  /// Arms more of them for kAddSlice, which record at once. True if there are more to come; after
  /// an error none of them stays.
  Result<bool> add_some(Adding& adding);
  /// The whole of a small one.
  Result<std::vector<std::string>> add(const AddRequest& request);
  /// As `check` prints it; nothing is armed.
  Result<std::string> check(const AddRequest& request);
  /// One wish of an earlier daemon; with `hold` it is only listed. After an error it is listed as
  /// failed or retried, unless it is no probe at all.
  Result<void> restore(const ProbeWish& wish, bool hold);
  /// After an error for which symbols::is_still_reading(): calls it when it is time to ask again,
  /// on any thread.
  void when_module_files_read(std::function<void()> then) { module_files_->when_read(then); }
  /// As Control::apply_file() and forget_files(), which returns how many went.
  Result<FileOutcome> apply_file(const std::string& path,
                                 const std::shared_ptr<const Source>& source, bool hold);
  std::size_t forget_files(const std::vector<std::string>& there);
  /// Tries again what is due; returns when the next one is (monotonic ns).
  std::optional<std::uint64_t> retry();

  /// Silent from now on, and queued for remove_step(). `ticket` counts those not yet gone.
  using Ticket = std::shared_ptr<std::size_t>;
  Result<std::vector<std::string>> remove(const Selection& which, std::string_view reason,
                                          const Ticket& ticket);
  /// Disabling all takes them out of the kernel; `ticket` as for remove().
  /// `teller`, here and below: hears of what is armed one by one.
  Result<std::vector<std::string>> set_enabled(const Selection& which, bool enabled,
                                               const Ticket& ticket = nullptr,
                                               ProgressTeller* teller = nullptr);
  Result<ApplyOutcome> apply(const AddRequest& request, const Ticket& ticket,
                             ProgressTeller* teller = nullptr);

  /// Removes all probes and ends the pump, for good; waits for RCU, once a probe.
  void close();

  /// Takes one removed probe out of the kernel; waits for RCU. False if there is none left.
  bool remove_step();
  std::size_t removing() const { return graveyard_.size(); }

  /// Forgets numbers of probes that are gone; a while after the last note about them.
  void retire_numbers();

  /// Removes probes whose time is over; returns when the next one's will be (monotonic ns).
  std::optional<std::uint64_t> expire();

  std::vector<ProbeStatus> list();
  std::vector<ProbeStatus> list(const std::vector<std::string>& names);
  /// See Control::ledger().
  Result<LedgerReport> ledger(const Selection& which);
  /// Puts `ledger` lines into the stream, of those that have changed since their last one.
  void tell_ledgers();
  EngineStatus status();
  std::vector<ProbeWish> wishes() const;
  std::size_t size() const { return probes_.size(); }
  /// Is there anything that look_around() is for?
  bool wants_look() const { return !probes_.empty() || ownerless_; }

  /// Remembers each probe's count, for its rate; looks whether probed programs have been replaced.
  void note_rates();
  /// What only a flood of events needed goes back to the system once it is over.
  void give_back_memory();

  /// Does it hold memory that only resolving needs? release_types() lets go of it.
  bool holds_types() const { return machine_ && machine_->kernel->holds_files(); }
  /// Unless something was resolved in the last few seconds.
  void release_types();

  /// What a watch::Watcher reports.
  void changed(const watch::Change& change);
  /// Looks whether all is as it should be, whatever was or was not reported: about once a second.
  void look_around();

  /// Moves the busiest probes out of the fast rings, if the pump has found those crowded since the
  /// last call.
  void relieve_fast_rings();

  /// Removes what an earlier daemon left in tracefs.
  Result<std::vector<std::string>> sweep_leftovers();

 private:
  struct Entry;

  struct Dead {
    std::unique_ptr<ArmedProbe> probe;  ///< null: only a descriptor is to be closed
    UniqueFd descriptor;
    Ticket ticket;
  };

  static AddRequest request_of(const Entry& entry);
  Result<void> refresh_machine();
  Result<void> start_pump();
  Result<std::vector<resolve::ResolvedProbe>> resolve_all(const AddRequest& request);
  Result<std::unique_ptr<ArmedProbe>> arm(const resolve::ResolvedProbe& probe, const Entry& entry);
  Result<void> arm_entry(Entry& entry);
  /// Once more, and silent, beside what the entry has in the kernel, which is then taken away: what
  /// is not seen are the few hits until it is enabled. False if the kernel refuses; all is as it
  /// was.
  bool arm_beside(Entry& entry);
  /// New entries for all, armed but not yet in the table nor enabled; none on error. `leaving`: so
  /// many of the table's go when these have come.
  /// May it go on? What modules brought and took meanwhile is looked at anew.
  Result<void> check_adding(Adding& adding);
  /// Nothing more of what is being added comes.
  void cancel_addings();
  /// Are so many more allowed, when `leaving` have gone, and is there room for them? Then all is
  /// made ready to arm them. Returns how many events they will open, each CPU counted.
  Result<std::size_t> prepare_for(const AddRequest& request,
                                  std::vector<resolve::ResolvedProbe>& probes, std::size_t leaving);
  /// Armed, and known to nobody yet.
  Result<std::unique_ptr<Entry>> make_entry(const AddRequest& request, resolve::ResolvedProbe probe,
                                            bool named);
  Result<std::vector<std::unique_ptr<Entry>>> make_entries(
      const AddRequest& request, std::vector<resolve::ResolvedProbe> probes, std::size_t leaving,
      ProgressTeller* teller);
  /// It is in the table only until what it misses comes.
  static void await(Entry& entry, std::string missing);
  /// Of what make_entries() has made and nobody takes in.
  void give_up(std::vector<std::unique_ptr<Entry>> entries);
  Result<std::vector<std::string>> take_in(std::vector<std::unique_ptr<Entry>> entries);
  Result<std::vector<Entry*>> select(const Selection& which);
  /// Out of the table, and queued for remove_step(). What they recorded until now is in the log.
  void drop(const std::vector<Entry*>& entries, std::string_view reason, const Ticket& ticket);
  /// No more events of these; those that there are have been drained.
  Result<void> silence(const std::vector<Entry*>& entries);
  Result<void> enable(const std::vector<Entry*>& entries);
  /// Puts held ones into the kernel, silent; all or none.
  Result<void> arm_held(const std::vector<Entry*>& entries, ProgressTeller* teller);
  // Rings and shared events: probe_groups.cc.
  /// Where a new event's samples go.
  Lane lane_for_new();
  /// Every event that something is armed in, each once, with what has been read of it so far.
  struct GroupReads {
    EventGroup* group = nullptr;
    std::uint64_t read = 0;
  };
  std::vector<GroupReads> groups() const;
  /// Quiet ones back into the fast rings, a few at a time.
  void calm_bulk_rings();
  /// The open group that one more of that signature may join; null if there is none.
  std::shared_ptr<EventGroup> group_for(const resolve::ResolvedProbe& probe,
                                        const std::string& signature);

  // What probes may take of the machine: probe_budget.cc.
  /// Events that are open, each CPU counted, those of rings and what is being closed included.
  std::size_t open_events() const;
  /// Only that of a status.
  EngineStatus taken() const;
  /// What arming `probe` as `request` wishes will open; it is not armed yet.
  void count_events(const AddRequest& request, const resolve::ResolvedProbe& probe,
                    EventCount& count);
  /// Of all that was counted, and of the rings if there are none yet.
  Result<KernelDemand> demand_of(const EventCount& count) const;
  /// Is there so much left, beside what is on its way?
  Result<void> check_room(const KernelDemand& demand) const;

  // What probes may cost: probe_governor.cc.
  void govern();
  /// Kprobes of several that share an event, of which one alone is over its budget: it gets an
  /// event of its own.
  /// `scale`: what is left of each one's budget where all together are over theirs; `line_bytes` of
  /// one event's line.
  void part_from_group(EventGroup& group, double seconds, double hits_per_read, double scale,
                       double line_bytes);
  void set_level(Entry& entry, std::uint64_t period, std::string reason);
  void tell_sampling(Entry& entry, std::uint64_t period, std::string reason);
  Prices prices_of(const Entry& entry) const;

  // CPUs: probe_cpus.cc.
  void check_cpus();
  void cpu_changed(const watch::CpuChanged& change);
  bool stands_still(const CpuRing& ring);
  void lose_cpu(unsigned cpu);
  void gain_cpu(unsigned cpu, std::string reason);
  void announce_cpu(unsigned cpu, std::string state, std::string reason);
  /// Opens events on the CPUs where they are not yet.
  void join_rings();

  // Other tools: probe_others.cc.
  /// Have lines of ours been taken away, or tracefs itself?
  void check_lines();
  void restore_lines(Entry& entry);
  /// Lines of our group that belong to no probe any more: a removal was refused, or the sweep at
  /// the start. Those among `listed` are removed as far as the kernel lets us now.
  void remove_ownerless(const tracefs::Tracefs& tracefs,
                        const std::vector<tracefs::ListedProbe>& listed);
  /// Such lines may have names that we would give: the first N of "dN" that none has.
  std::uint64_t first_free_event() const;
  /// The kernel's switches for everybody's probes. Never changed here: who has turned them off may
  /// have had a reason.
  void check_switches();
  void tell(const std::string& sentence);
  /// Unless that is what was told last.
  void tell_once(std::string& last, const std::string& sentence);
  /// What was told last is over.
  void untell(std::string& last);

  // Modules: probe_modules.cc.
  enum class Fit : std::uint8_t { yes, no, unknown };
  /// The module that all of it is in; "" if there is none.
  static std::string module_of(const resolve::ResolvedProbe& probe);
  /// For a probe that was armed just now.
  void hear_of_module(Entry& entry);
  void module_seen(const watch::ModuleSeen& seen);
  void module_left(const watch::ModuleLeft& left);
  /// Does what the entry's line has recorded since the module came mean what its plan says? If not,
  /// the line is replaced or the probe taken out.
  Fit fit_of(Entry& entry, const watch::ModuleSeen& seen);
  void check_modules();
  /// A module has come: maybe it has what those of `module` ("": of none) were missing.
  void retry_on_module(std::string_view module);

  // Ledgers: probe_ledger.cc and probe_endings.cc.
  /// For a new event, and for one more time of a probe in the kernel.
  void open_account(ArmedProbe& armed) const;
  void begin_account(Entry& entry);
  /// Before that: what the pump counts begins at 0.
  static void renew_tally(Entry& entry);
  /// From here on (true), or until here, these are enabled on every CPU.
  void mark_attached(const std::set<const EventGroup*>& groups, bool attached);
  /// Around a line's removal from the kernel: what was counted until then is kept.
  struct Ending;
  Ending begin_ending(const ArmedProbe& armed);
  void finish_ending(Ending ending, std::uint32_t number);
  /// The last line of a probe that has gone from the table with nothing left in the kernel.
  void end_account(const Entry& entry);
  /// All that is in the kernel, what is being removed included.
  std::vector<const ArmedProbe*> all_armed() const;
  struct Readings;
  Readings read_counts(const std::set<const EventGroup*>& groups) const;
  stream::LedgerTerms event_terms(const EventGroup& group, const Readings& readings) const;
  static stream::Known sampled_out(const std::optional<ringbuf::EventCounts>& counts,
                                   const stream::LedgerTerms& terms);
  static stream::LedgerTerms arm_terms(const ArmedProbe& armed, const stream::LedgerTerms& event,
                                       const Readings& readings);
  /// The end of a burst that was too much for a ring: told once the kernel's counters say so.
  void check_losses();
  void tell_losses();
  /// Of an event that is being closed, or (`cpu`) leaves one CPU.
  void keep_losses(const EventGroup& group, std::optional<unsigned> cpu = std::nullopt);
  /// A return probe that misses calls gets a larger maxactive: probe_maxactive.cc.
  void check_misses();
  void raise_max_active(Entry& entry, std::uint64_t missed);

  void bury(std::unique_ptr<ArmedProbe> probe, const Ticket& ticket);
  void find_names();
  void publish_plans(const std::vector<Entry*>& without = {});
  void watch_binaries();
  static Cause cause_when_set(const Entry& entry);
  /// Moves it as next_state() says, and tells the stream. False if `cause` changes nothing for it.
  bool move(Entry& entry, Cause cause, std::string reason);
  /// The same for a new one.
  void begin_state(Entry& entry, Cause cause, std::string reason);
  void enter(Entry& entry, ProbeState state, std::string reason);
  /// What is armed, silent and known to be wanted begins to record, or waits for its code, or stays
  /// silent. False if it could not be enabled; then it is out of the kernel again.
  bool put_to_work(Entry& entry, std::string reason);
  /// Out of the kernel, but not out of the table.
  void take_out(Entry& entry, Cause cause, std::string reason);
  /// Into the table without being armed: `cause` is distrusted, refused, exhausted or awaited.
  Result<Entry*> list_only(const ProbeWish& wish, Cause cause, std::string reason);
  /// A probe that is in the table but not in the kernel, into the kernel; silent.
  Result<void> arm_listed(Entry& entry);
  void plan_retry(Entry& entry);
  void announce(Entry& entry, std::string_view state, std::string_view reason);
  /// perf's counts of each event, asked for once.
  using EventCounts = std::map<const EventGroup*, Result<ringbuf::EventCounts>>;
  ProbeStatus describe(const Entry& entry, EventCounts& counts) const;
  void add_profile(std::vector<ProbeStatus>& all, const std::vector<const Entry*>& entries) const;

  const ControlOptions& options_;
  stream::StreamLog& log_;
  stream::ProbeDirectory& directory_;
  std::optional<Machine> machine_;
  std::string modules_seen_;      ///< /proc/modules when machine_ was opened
  std::uint64_t symbols_ns_ = 0;  ///< monotonic: when the reading of its symbols began
  std::string modules_tried_;     ///< /proc/modules when all that miss something were last tried
  std::string modules_last_look_;
  std::string tracefs_trouble_, switch_trouble_, ownerless_trouble_;  ///< what was told last
  bool ownerless_ = false;  ///< lines of our group may be in tracefs that belong to no probe
  bool switched_off_ = false;
  std::function<void(std::string)> look_at_module_;
  std::shared_ptr<symbols::ModuleFiles> module_files_;  ///< of modules that are not loaded
  std::function<void()> tell_crowded_;
  std::size_t coming_ = 0;         ///< of requests that are being added: not here yet
  std::size_t coming_events_ = 0;  ///< that those will open, each CPU counted
  std::uint64_t last_batch_ = 0;
  std::vector<std::weak_ptr<Adding>> addings_;  ///< not over yet
  std::atomic<bool> crowded_{false};
  std::shared_ptr<const stream::AddressNames> names_;  ///< null while no line needs them
  std::weak_ptr<const symbols::RunningKernel> names_from_;
  // Rings and their thread outlive every probe that is redirected there.
  CpuRings rings_;
  struct RingPulse {
    std::uint64_t alive_ns = 0, at_ns = 0;
  };
  std::map<unsigned, RingPulse> pulses_;  ///< by CPU
  std::set<unsigned> blind_cpus_;         ///< online, and of whose lack of rings was told
  std::unique_ptr<PumpThread> pump_;
  std::map<std::string, std::weak_ptr<ModuleGate>> gates_;  ///< by module; shared by its probes
  std::vector<HeardModuleEvent> module_events_;             ///< empty where the kernel has none
  std::map<std::string, std::weak_ptr<EventGroup>> open_groups_;  ///< by signature
  std::vector<std::weak_ptr<EventGroup>> all_groups_;
  bool moving_ = false;           ///< events are on their way into the bulk rings
  std::optional<Prices> prices_;  ///< of a kprobe's hit on this machine, once they are measured
  std::uint64_t flood_read_ = 0;  ///< events at the last look for a flood
  bool flooded_ = false;          ///< there was one, whose memory has not been given back
  std::uint64_t governed_ns_ = 0, governed_cpu_ns_ = 0, governed_lost_ = 0, governed_read_ = 0;
  std::deque<Dead> graveyard_;
  std::map<unsigned, std::uint64_t> gone_lost_;  ///< by CPU, of events that are open no more
  std::uint64_t pressed_seen_ = 0;
  std::map<std::string, stream::LedgerTerms> events_told_;  ///< by the last `ledger` line of each
  std::optional<LineBook> ending_lines_;  ///< read at ending_lines_ns_, for removals in a row
  std::uint64_t ending_lines_ns_ = 0;
  std::vector<std::uint32_t> retiring_;  ///< numbers whose last note is on its way into the log
  std::vector<std::unique_ptr<Entry>> probes_;
  std::set<std::string> names_taken_;  ///< of probes_, and of those that are being made
  std::uint64_t next_event_ = 0;       ///< 0: it is not known yet which names are free
  ZeroingTest zeroing_{std::string(tracefs::kDaemonGroup)};
  std::uint64_t types_since_ns_ = 0;               ///< when something was resolved last
  unsigned ring_peak_ = 0, ring_peak_before_ = 0;  ///< of this rate interval and the one before
};

}  // namespace kprobed::engine
