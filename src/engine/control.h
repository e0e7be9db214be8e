// SPDX-License-Identifier: Apache-2.0
//
// The daemon's probes, and the one thread that may wait for the kernel: every close and every
// removal waits for RCU (16 to 80 ms each). Requests come from any thread and are answered on the
// control thread; an `add` overtakes removals that are still going on.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/governor.h"
#include "engine/machine.h"
#include "engine/probe_state.h"
#include "engine/progress.h"
#include "engine/pump.h"
#include "resolve/resolved_probe.h"
#include "stream/ledger.h"
#include "stream/probe_directory.h"
#include "stream/stream_log.h"

namespace kprobed::engine {

/// One probe as a user may ask about it: a copy, valid for itself.
struct ProbeStatus {
  std::string name, spec, kernel_line, reason;
  ProbeState state = ProbeState::armed;
  std::uint64_t since_ns = 0, added_ns = 0;  ///< CLOCK_REALTIME
  std::uint32_t owner_uid = 0;
  std::string origin;  ///< as in ProbeWish
  std::optional<std::chrono::milliseconds> expires_in;
  unsigned cpus = 0;
  std::uint64_t hits = 0;  ///< kprobe_profile, uprobe_profile; else as perf counts them
  /// kprobe_profile; none: this kind of probe has no such count.
  std::optional<std::uint64_t> missed;
  std::uint64_t published = 0;        ///< lines given to the log
  std::uint64_t period = kEveryHit;   ///< the governor's: of its hits one in so many is recorded
  std::optional<std::uint64_t> lost;  ///< PERF_FORMAT_LOST; none: it cannot tell
  double rate = 0;  ///< published per second, over the last two seconds or more, or since `added`
  std::optional<std::uint64_t> last_hit_ns_ago;
  std::vector<resolve::Remark> remarks;
};

/// What is needed to make a probe again after a crash.
struct ProbeWish {
  std::string spec;  ///< one line, canonical
  std::string name;  ///< clients know it by that; "" for the usual one
  std::uint32_t owner_uid = 0;
  bool disabled = false, follow_drift = false, allow_oversize = false;
  bool exact = false;                                ///< not to be sampled
  std::optional<std::uint64_t> expires_boottime_ms;  ///< CLOCK_BOOTTIME
  /// Who keeps it: "" the daemon while it runs, kPersistent the daemon beyond that, else the path
  /// of a file of probes.
  std::string origin;
  std::string asked;     ///< the file's own line, canonical: `spec` may say more, as the module
  bool pending = false;  ///< what it is on need not be there yet, or anywhere
};
inline constexpr std::string_view kPersistent = "persist";

struct AddRequest {
  std::shared_ptr<const Source> source;  ///< one or several spec lines
  std::uint32_t owner_uid = 0;
  std::optional<std::chrono::milliseconds> keep_for;
  bool disabled = false, follow_drift = false, allow_oversize = false, pending = false;
  bool exact = false;          ///< as in ProbeWish
  bool trust_modules = false;  ///< as in ResolveOptions: of probes that were set before
  std::string name;            ///< for the first probe, if it is free; "" for the usual one
  std::string origin, asked;   ///< as in ProbeWish
};

/// What became of one file of probes.
struct FileOutcome {
  std::size_t added = 0, removed = 0, kept = 0;
  std::vector<std::string> problems;  ///< of those added that are not armed: sentences
};

/// Names or globs (fnmatch(3)), or all.
struct Selection {
  std::vector<std::string> globs;
  bool all = false;
};

struct ApplyOutcome {
  std::vector<std::string> added, removed, kept;  ///< probe names
};

struct EngineStatus {
  unsigned cpus = 0;                    ///< with rings; 0 before the first probe
  std::uint64_t ring_bytes = 0;         ///< kernel memory of all rings
  std::uint64_t event_bytes = 0;        ///< kernel memory of all events that are open, on all CPUs
  std::uint64_t kernel_memory_max = 0;  ///< for both together
  std::uint64_t descriptors = 0, descriptors_max = 0;  ///< of this process: open, and allowed
  unsigned ring_peak_percent =
      0;  ///< how full the fullest ring was in the last two seconds or more
  PumpCounts counts;
  std::vector<ProbeStatus> probes;
  std::size_t removing = 0;  ///< probes whose removal the kernel has not finished
};

/// See stream::LedgerTerms, and docs/ledger.md.
struct ProbeLedger {
  std::string name;
  ProbeState state = ProbeState::armed;
  std::string event;  ///< that it shares with others; "" if it has one for itself
  bool live = false;  ///< events may flow: not exact
  stream::LedgerTerms terms;
};
/// Of an event that several probes share: what the kernel counts for all of them together.
struct EventLedger {
  std::string event;
  std::vector<std::string> probes;
  bool live = false;
  stream::LedgerTerms terms;
};
struct LedgerReport {
  std::vector<ProbeLedger> probes;
  std::vector<EventLedger> events;
  std::vector<CpuLost> lost;  ///< told by `lost` lines
  PumpCounts counts;
};

struct ControlOptions {
  std::size_t ring_bytes_per_cpu = 0;  ///< of the bulk rings; 0: the default
  std::uint64_t kernel_memory = 0;     ///< for rings and events, in bytes; 0: the default
  Budget budget = {};
  std::vector<unsigned> cpus = {};  ///< to watch; empty: all
  std::size_t max_probes = 1000;
  std::uint64_t hide_samples = 0;  ///< so many are overlooked: for a test of the ledger
  /// Called on the control thread after every change, with all live wishes.
  /// False: it could not, and is called again every second or so until it can.
  std::function<bool(const std::vector<ProbeWish>&)> save;
  /// Called on the control thread: a sentence for the operator about what was noticed and done.
  std::function<void(const std::string&)> warn;
  /// The same: what that sentence said is over.
  std::function<void(const std::string&)> unwarn;
  /// As PumpCalls::published.
  std::function<void(bool calm)> published;
};

/// Answers come on the control thread: pass them on to your own. What has not begun when stop() is
/// called, or is asked after that, is answered with `cancelled`, then maybe on the asking thread.
template <typename T>
using Answer = std::function<void(Result<T>)>;

class Control {
 public:
  /// `log` and `directory` must outlive this.
  Control(ControlOptions options, stream::StreamLog& log, stream::ProbeDirectory& directory);
  /// stop(), if that has not been called.
  ~Control();
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

  // Those that may take the kernel many seconds say how far they are, if somebody asks.

  /// Arms all specs of the request or none.
  void add(AddRequest request, Answer<std::vector<ProbeStatus>> answer,
           Progress progress = nullptr);
  /// Silent at once; answered when the kernel has let go. not_found if nothing matches. What was
  /// recorded before is in the log.
  void remove(Selection which, Answer<std::vector<std::string>> answer,
              Progress progress = nullptr);
  /// Enables all of them or none; what is not in the kernel is armed. Disabling all takes them out
  /// of the kernel, so that other tools have it for themselves; answered when it has let go.
  void set_enabled(Selection which, bool enabled, Answer<std::vector<std::string>> answer,
                   Progress progress = nullptr);
  /// Makes the probes equal to the request's specs: new ones are armed before old ones go; all or
  /// nothing.
  void apply(AddRequest request, Answer<ApplyOutcome> answer, Progress progress = nullptr);
  void list(Answer<std::vector<ProbeStatus>> answer);
  void status(Answer<EngineStatus> answer);
  /// What has become of the hits of these probes; waits until all that was in the rings is drained.
  void ledger(Selection which, Answer<LedgerReport> answer);
  /// What `check` prints for these specs, without arming.
  void check(AddRequest request, Answer<std::string> answer);

  /// Makes saved wishes true again; with `hold` they are only listed, as held. What cannot be armed
  /// now is reported by `failed`, and listed as failed or, if that may pass, tried again. Only what
  /// is no probe at all is dropped.
  void restore(std::vector<ProbeWish> wishes, bool hold,
               std::function<void(const ProbeWish&, const Error&)> failed);

  /// Makes the probes of the file `source->name` equal to its text, whose mistakes are the error:
  /// then nothing is changed. With `hold` new ones are only listed.
  void apply_file(std::shared_ptr<const Source> source, bool hold, Answer<FileOutcome> answer);
  /// Removes probes of files that are not among `there`.
  void forget_files(std::vector<std::string> there);

  /// Removes lines of an earlier daemon from tracefs. Call before restore().
  void sweep_leftovers(Answer<std::vector<std::string>> answer);

  /// Takes everything out of the kernel and ends both threads. Returns when that is done.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kprobed::engine
