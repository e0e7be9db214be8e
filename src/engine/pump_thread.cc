// SPDX-License-Identifier: Apache-2.0
#include "engine/pump_thread.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "engine/clocks.h"
#include "engine/log_sink.h"
#include "stream/wall_clock.h"
#include "symbols/task_names.h"

namespace kprobed::engine {

namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
/// NTP slews by 500 us a second at most (adjtimex(2)); more than this is a step.
constexpr std::int64_t kStepNs = 10'000'000;

/// The names in use may be exchanged between rounds.
class CurrentNames final : public stream::AddressNames {
 public:
  Place place_of(std::uint64_t address) const override {
    return current ? current->place_of(address) : Place{};
  }
  std::shared_ptr<const stream::AddressNames> current;
};

}  // namespace

Result<std::unique_ptr<PumpThread>> PumpThread::start(CpuRings rings, stream::StreamLog& log,
                                                      PumpCalls calls, std::uint64_t hide) {
  UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake.valid()) return system_error(errno, "eventfd");
  KPROBED_TRY(RingWaiter waiter, RingWaiter::create());
  return std::unique_ptr<PumpThread>(new PumpThread(std::move(rings), log, std::move(calls), hide,
                                                    std::move(wake), std::move(waiter)));
}

PumpThread::PumpThread(CpuRings rings, stream::StreamLog& log, PumpCalls calls, std::uint64_t hide,
                       UniqueFd wake, RingWaiter waiter)
    : rings_(std::move(rings)),
      log_(log),
      calls_(std::move(calls)),
      hide_(hide),
      wake_(std::move(wake)),
      waiter_(std::move(waiter)),
      thread_([this] { loop(); }) {}

PumpThread::~PumpThread() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake();
  thread_.join();
}

void PumpThread::wake() {
  const std::uint64_t one = 1;
  // Each write is an edge for the waiter, so that nobody need read the counter; 2^64 wakeups fill
  // it.
  [[maybe_unused]] const ssize_t wrote = ::write(wake_.get(), &one, sizeof one);
}

void PumpThread::use(std::shared_ptr<const PlanTable> plans,
                     std::shared_ptr<const stream::AddressNames> names) {
  {
    const std::lock_guard lock(mutex_);
    plans_ = std::move(plans);
    names_ = std::move(names);
  }
  wake();
}

void PumpThread::use_rings(CpuRings rings) {
  {
    const std::lock_guard lock(mutex_);
    next_rings_ = std::move(rings);
  }
  wake();
}

void PumpThread::announce(stream::ProbeNote note, std::uint32_t number) {
  {
    const std::lock_guard lock(mutex_);
    announcements_.push_back({std::move(note), number});
  }
  wake();
}

void PumpThread::announce(stream::CpuNote note) {
  {
    const std::lock_guard lock(mutex_);
    announcements_.push_back({std::move(note), 0});
  }
  wake();
}

void PumpThread::announce(stream::SamplingNote note, std::uint32_t number) {
  {
    const std::lock_guard lock(mutex_);
    announcements_.push_back({std::move(note), number});
  }
  wake();
}

void PumpThread::announce(stream::LedgerNote note, std::uint32_t number) {
  {
    const std::lock_guard lock(mutex_);
    announcements_.push_back({std::move(note), number});
  }
  wake();
}

void PumpThread::settle_lost(LostTotals totals) {
  {
    const std::lock_guard lock(mutex_);
    lost_totals_ = std::move(totals);  // newer ones say all that older ones did
  }
  wake();
}

std::uint64_t PumpThread::pressed() const {
  const std::lock_guard lock(mutex_);
  return pressed_;
}

LostTotals PumpThread::lost_by_cpu() const {
  const std::lock_guard lock(mutex_);
  return lost_by_cpu_;
}

void PumpThread::judge(std::shared_ptr<ModuleGate> gate, ModuleGate::Sighting sighting) {
  {
    const std::lock_guard lock(mutex_);
    gate_orders_.push_back({.gate = std::move(gate), .sighting = std::move(sighting)});
  }
  wake();
}

void PumpThread::close_gate(std::shared_ptr<ModuleGate> gate, std::uint64_t time_ns, bool freed) {
  {
    const std::lock_guard lock(mutex_);
    gate_orders_.push_back(
        {.gate = std::move(gate), .sighting = {}, .close_ns = time_ns, .freed = freed});
  }
  wake();
}

void PumpThread::settle() {
  std::unique_lock lock(mutex_);
  // The round that runs now may have read its heads already; the one after it has not.
  const std::uint64_t enough = rounds_asked_ = rounds_done_ + 2;
  wake();
  drained_.wait(lock, [&] { return rounds_done_ >= enough; });
}

PumpCounts PumpThread::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

unsigned PumpThread::take_ring_peak() {
  const std::lock_guard lock(mutex_);
  return std::exchange(ring_peak_, 0u);
}

void PumpThread::watch_rings() {
  std::vector<int> fds = rings_.poll_fds();
  fds.push_back(wake_.get());
  waiter_.watch(std::move(fds));
}

void PumpThread::loop() {
  stream::WallClock clock;
  clock.set_offset(wall_clock_offset_ns());
  stream::TaskTable tasks(symbols::read_task_name);
  symbols::for_each_task([&](std::uint32_t tid, std::string_view comm) { tasks.learn(tid, comm); });
  CurrentNames names;
  Pump pump(tasks, static_cast<std::uint32_t>(::getpid()), hide_);
  LogSink sink(log_, names, clock, [&] {
    if (calls_.published) calls_.published(pump.ring_percent() <= kCalmPercent);
  });

  watch_rings();
  std::uint64_t clock_due = monotonic_ns() + kSecond;

  bool stop = false, busy = false;
  std::uint64_t fast_taken = 0, fast_since = 0;
  std::uint64_t recent_taken = 0, recent_since = 0;
  while (!stop) {
    bool idle = false;
    std::optional<std::chrono::microseconds> patience;
    {
      const std::lock_guard lock(mutex_);
      idle = rounds_done_ >= rounds_asked_ && !stop_ && announcements_.empty() &&
             gate_orders_.empty() && !next_rings_ && lost_totals_.empty();
      if (plans_->needs_timer()) patience = busy ? kDrainBusyEvery : kDrainEvery;
    }
    if (idle) waiter_.wait(patience);
    // Plans and what is said about them together, and after the waiting: a plan must be known
    // before its first sample is read.
    std::shared_ptr<const PlanTable> plans;
    decltype(announcements_) announcements;
    decltype(gate_orders_) gate_orders;
    std::optional<CpuRings> next_rings;
    LostTotals lost_totals;
    {
      const std::lock_guard lock(mutex_);
      plans = plans_;
      // Compared while the old ones are still held: a new table cannot have their address.
      if (names.current != names_) sink.names_changed();
      names.current = names_;
      announcements.swap(announcements_);
      gate_orders.swap(gate_orders_);
      next_rings.swap(next_rings_);
      lost_totals.swap(lost_totals_);
      stop = stop_;
    }

    if (next_rings) {
      pump.drain(rings_, *plans, sink);  // what the kernel has put into those that go
      rings_ = *std::move(next_rings);
      pump.forget_rings(rings_);
      watch_rings();
      tasks.forget_all();  // what was forked or renamed on a CPU without rings is not known
      clock_due = 0;
    }
    const std::uint64_t now = monotonic_ns();
    if (now >= clock_due) {
      clock_due = now + kSecond;
      const std::int64_t offset = wall_clock_offset_ns();
      const std::int64_t step = offset - clock.offset();
      clock.set_offset(offset);
      if (std::llabs(step) > kStepNs) {
        sink.clock({.seq = pump.take_seq(), .time_ns = now, .step_ns = step});
      }
    }
    // First: "armed" is said before its probe is enabled, "removed" after its plan was taken away.
    for (auto& [note, number] : announcements) {
      if (auto* probe = std::get_if<stream::ProbeNote>(&note)) {
        probe->seq = pump.take_seq();
        sink.probe(*probe, number);
      } else if (auto* cpu = std::get_if<stream::CpuNote>(&note)) {
        cpu->seq = pump.take_seq();
        sink.cpu(*cpu);
      } else if (auto* sampling = std::get_if<stream::SamplingNote>(&note)) {
        sampling->seq = pump.take_seq();
        sink.sampling(*sampling, number);
      } else if (auto* ledger = std::get_if<stream::LedgerNote>(&note)) {
        ledger->seq = pump.take_seq();
        sink.ledger(*ledger, number);
      }
    }
    const std::size_t taken = pump.drain(rings_, *plans, sink);
    for (const CpuLost& lost : lost_totals) pump.settle_lost(lost.cpu, lost.lost, sink);
    for (std::string& module : pump.take_loaded()) {
      if (calls_.loaded) calls_.loaded(std::move(module));
    }
    fast_taken += pump.take_fast();
    const std::chrono::nanoseconds fast_for(now - fast_since);
    const bool crowded = fast_taken >= kCrowdedSamples && fast_for >= kCrowdedEvery;
    if (crowded && calls_.crowded) calls_.crowded();
    if (crowded || fast_for >= kCrowdedWithin) {
      fast_taken = 0;
      fast_since = now;
    }
    for (GateOrder& order : gate_orders) {
      if (order.sighting) order.gate->judge(*order.sighting);
      if (order.freed) order.gate->doubt(order.close_ns);
      if (order.close_ns != 0) order.gate->close(order.close_ns);
    }
    pump.release_held(*plans, sink, stop);
    sink.publish();
    // Over a while: a round that follows another at once finds little, however many come.
    recent_taken += taken;
    const bool elapsed = std::chrono::nanoseconds(now - recent_since) >= kDrainEvery;
    if (elapsed || recent_taken >= kBusyRecords) {
      busy = recent_taken >= (busy ? kStillBusyRecords : kBusyRecords);
      recent_taken = 0;
      recent_since = now;
    }

    const std::lock_guard lock(mutex_);
    counts_ = pump.counts();
    if (pump.take_pressed()) ++pressed_;
    if (counts_.lost != 0) lost_by_cpu_ = pump.lost_by_cpu();
    ring_peak_ = std::max(ring_peak_, pump.ring_percent());
    ++rounds_done_;
    drained_.notify_all();
  }
}

}  // namespace kprobed::engine
