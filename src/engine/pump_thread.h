// SPDX-License-Identifier: Apache-2.0
//
// The thread that drains the rings into the log. It never waits for the kernel's slow calls, nor
// for a client. Control hands it immutable plan tables; nothing else crosses but announcements.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "base/unique_fd.h"
#include "engine/cpu_rings.h"
#include "engine/plan_table.h"
#include "engine/pump.h"
#include "engine/ring_waiter.h"
#include "stream/stream_log.h"

namespace kprobed::engine {

/// The kernel's counters of what found no room, read before the call that brings them.
using LostTotals = std::vector<CpuLost>;

/// What the pump calls, on its thread: none may block, each may be null.
struct PumpCalls {
  /// The log has something new. `calm`: the rings are so empty that there is time to send it, which
  /// keeps a thread asleep and finds the lines in the cache.
  std::function<void(bool calm)> published = nullptr;
  /// A module with a gate was loaded; "" if any of them may have come or gone.
  std::function<void(std::string module)> loaded = nullptr;
  /// More come through the fast rings than should: the probed code pays for a wakeup at each. At
  /// most once every kCrowdedEvery.
  std::function<void()> crowded = nullptr;
};

/// Rings are calm up to so many percent: what comes while a client is served finds room.
inline constexpr unsigned kCalmPercent = 12;

/// A fast ring is crowded by so many samples in that time, some 3,000 a second; said as soon as
/// they have come, since each delays those behind it.
inline constexpr std::chrono::milliseconds kCrowdedWithin{50};
inline constexpr std::chrono::milliseconds kCrowdedEvery{5};
inline constexpr std::uint64_t kCrowdedSamples = 150;

class PumpThread {
 public:
  /// Starts at once. `log` must outlive this.
  /// `hide`: as of Pump.
  static Result<std::unique_ptr<PumpThread>> start(CpuRings rings, stream::StreamLog& log,
                                                   PumpCalls calls, std::uint64_t hide = 0);
  ~PumpThread();  ///< drains once more, then ends

  /// In place of those it has, which it drains once more; settle() waits for that. Names of tasks
  /// are asked for anew, and the wall clock is looked at.
  void use_rings(CpuRings rings);

  /// From its next round on. `names` resolves addresses for these plans.
  void use(std::shared_ptr<const PlanTable> plans,
           std::shared_ptr<const stream::AddressNames> names);

  /// Puts a `probe` line into the stream: before the events of a probe that is enabled after this,
  /// behind those of one whose plan was taken away before.
  void announce(stream::ProbeNote note, std::uint32_t number);

  /// Puts a `cpu` line into the stream.
  void announce(stream::CpuNote note);
  /// Puts a `sampling` line into the stream.
  void announce(stream::SamplingNote note, std::uint32_t number);
  /// Puts a `ledger` line into the stream; number 0: for everybody.
  void announce(stream::LedgerNote note, std::uint32_t number);

  /// As Pump::settle_lost(), once all that happened before has been drained.
  void settle_lost(LostTotals totals);
  /// How often a ring has been so full that something may have found no room; rounds of the pump.
  std::uint64_t pressed() const;
  LostTotals lost_by_cpu() const;

  /// Once all that happened before has been drained.
  void judge(std::shared_ptr<ModuleGate> gate, ModuleGate::Sighting sighting);
  /// As ModuleGate::close(), and before that, where no tracepoint tells of modules, doubt().
  void close_gate(std::shared_ptr<ModuleGate> gate, std::uint64_t time_ns, bool freed);

  /// Waits until all that was in the rings at the call has been drained.
  void settle();

  PumpCounts counts() const;

  /// How full the fullest ring has been since the last call, in percent.
  unsigned take_ring_peak();

 private:
  PumpThread(CpuRings rings, stream::StreamLog& log, PumpCalls calls, std::uint64_t hide,
             UniqueFd wake, RingWaiter waiter);
  void watch_rings();
  void loop();
  void wake();

  struct Announcement {
    std::variant<stream::ProbeNote, stream::CpuNote, stream::SamplingNote, stream::LedgerNote> note;
    std::uint32_t number = 0;
  };
  struct GateOrder {
    std::shared_ptr<ModuleGate> gate;
    std::optional<ModuleGate::Sighting> sighting;
    std::uint64_t close_ns = 0;
    bool freed = false;
  };

  CpuRings rings_;  ///< the thread's own
  stream::StreamLog& log_;
  PumpCalls calls_;
  std::uint64_t hide_;
  UniqueFd wake_;      ///< eventfd
  RingWaiter waiter_;  ///< the thread's own

  mutable std::mutex mutex_;
  std::condition_variable drained_;
  std::shared_ptr<const PlanTable> plans_ = std::make_shared<const PlanTable>();
  std::shared_ptr<const stream::AddressNames> names_;
  std::vector<Announcement> announcements_;
  std::vector<GateOrder> gate_orders_;
  std::optional<CpuRings> next_rings_;
  LostTotals lost_totals_;  ///< to be settled
  LostTotals lost_by_cpu_;
  std::uint64_t pressed_ = 0;
  std::uint64_t rounds_asked_ = 0, rounds_done_ = 0;
  PumpCounts counts_;
  unsigned ring_peak_ = 0;
  bool stop_ = false;

  std::thread thread_;  ///< last: it uses all of the above
};

}  // namespace kprobed::engine
