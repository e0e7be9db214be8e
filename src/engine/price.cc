// SPDX-License-Identifier: Apache-2.0
#include "engine/price.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <limits>

#include "decode/format_file.h"
#include "engine/clocks.h"
#include "ringbuf/attached_event.h"
#include "ringbuf/mapped_ring.h"

namespace kprobed::engine {

namespace {

constexpr int kCalls = 1000, kBatches = 3;
constexpr std::size_t kRingBytes = std::size_t{512} << 10;
constexpr double kKprobeToTracepoint = 1.2;

/// Keeps this thread on the CPU where it is.
class StayHere {
 public:
  StayHere() {
    CPU_ZERO(&before_);
    valid_ = ::sched_getaffinity(0, sizeof before_, &before_) == 0;
    cpu_set_t here;
    CPU_ZERO(&here);
    cpu_ = ::sched_getcpu();
    if (cpu_ < 0) return;
    CPU_SET(cpu_, &here);
    valid_ = valid_ && ::sched_setaffinity(0, sizeof here, &here) == 0;
  }
  StayHere(const StayHere&) = delete;
  StayHere& operator=(const StayHere&) = delete;
  ~StayHere() {
    if (valid_) (void)::sched_setaffinity(0, sizeof before_, &before_);
  }
  bool valid() const { return valid_; }
  unsigned cpu() const { return static_cast<unsigned>(cpu_); }

 private:
  cpu_set_t before_;
  int cpu_ = -1;
  bool valid_ = false;
};

/// Nanoseconds a call, of the best batch: others may have been on the CPU in the rest.
double call_ns() {
  double best = std::numeric_limits<double>::max();
  for (int batch = 0; batch < kBatches; ++batch) {
    const std::uint64_t begin = monotonic_ns();
    for (int i = 0; i < kCalls; ++i) (void)::syscall(SYS_fchown, -1, 0, 0);
    best = std::min(best, static_cast<double>(monotonic_ns() - begin) / kCalls);
  }
  return best;
}

Result<Prices> measure(const Machine& machine) {
  KPROBED_TRY(const std::string text, machine.kernel->event_format("syscalls", "sys_enter_fchown"));
  KPROBED_TRY(const decode::EventFormat event_format, decode::parse_format(text));
  const StayHere here;
  if (!here.valid()) return Error(ErrorCode::unsupported, "no CPU can be kept");
  KPROBED_TRY(const auto ring,
              ringbuf::MappedRing::open(
                  here.cpu(),
                  {.data_bytes = kRingBytes, .side_band = false, .wakeup_bytes = kRingBytes / 2}));
  const double untraced = call_ns();
  KPROBED_TRY(auto event, ringbuf::AttachedEvent::open(event_format.id, {ring.target()}));
  KPROBED_TRY_VOID(event.enable());
  const double recorded = call_ns();
  KPROBED_TRY_VOID(event.set_period(kCountOnly));
  const double counted = call_ns();
  Prices prices;
  // Never nothing: a machine on which it seems so was busy with something else.
  prices.counted_ns = std::max((counted - untraced) * kKprobeToTracepoint, 20.0);
  prices.recorded_ns = std::max((recorded - untraced) * kKprobeToTracepoint, prices.counted_ns);
  return prices;
}

}  // namespace

Prices measure_prices(const Machine& machine) {
  auto measured = measure(machine);
  return measured.ok() ? *measured : Prices();
}

}  // namespace kprobed::engine
