// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/measure.h"

#include <unistd.h>

#include <thread>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "engine/armed_probe.h"
#include "engine/clocks.h"
#include "stream/json_lines.h"
#include "tracefs/groups.h"

namespace kprobed::kprobectl {

namespace {

constexpr std::chrono::milliseconds kMeasuredPatience{2000};

/// Of the line of a hit whose record holds zeroes. No address is named: as many bytes as most symbols
/// have are added.
double line_bytes(const stream::EventPlan& plan) {
  constexpr double kCaller = 40;  // "caller":"do_syscall_64","caller_offset":56
  const std::vector<std::byte> zeroes(plan.fields.min_bytes);
  const stream::AddressNames names;
  stream::WallClock clock;
  std::string line;
  (void)stream::JsonLines(names, clock)
      .event({.plan = &plan,
              .stamp = {},
              .raw = Bytes(zeroes.data(), zeroes.size()),
              .seq = 1'000'000,
              .comm = "some-task",
              .late = false,
              .generation = 0},
             line);
  return static_cast<double>(line.size()) + kCaller;
}

}  // namespace

Result<Measured> measure(const engine::Machine& machine, const resolve::ResolvedProbe& probe,
                         const engine::Prices& prices) {
  KPROBED_TRY(const auto owner, tracefs::own_identity());
  // Nothing is recorded, so the least will do.
  KPROBED_TRY(const auto rings, engine::CpuRings::open(std::size_t{64} << 10));
  const engine::PrivateName name{tracefs::run_group(owner), format("m{}", ::getpid())};
  KPROBED_TRY(engine::ArmedProbe armed,
              engine::ArmedProbe::arm(machine, rings, engine::Lane::bulk, probe, name, "measured"));
  KPROBED_TRY_VOID(armed.group().set_period(engine::kCountOnly));
  KPROBED_TRY_VOID(armed.enable());
  const std::uint64_t begin = engine::monotonic_ns();
  std::this_thread::sleep_for(kMeasureTime);
  KPROBED_TRY(const ringbuf::Counts counts, armed.event().counts());
  const double seconds = static_cast<double>(engine::monotonic_ns() - begin) / 1e9;
  const double bytes = line_bytes(*armed.plan());
  KPROBED_TRY_VOID(engine::ArmedProbe::disarm(std::move(armed), kMeasuredPatience));

  const engine::Load load{.hits = static_cast<double>(counts.hits) / seconds, .line_bytes = bytes};
  const engine::Budget budget;
  return Measured{.hits_per_second = load.hits,
                  .cpu_share = engine::cost_share(load, prices, engine::kEveryHit),
                  .line_bytes_per_second = load.hits * bytes,
                  .within_budget = engine::fitting_period(load, prices, budget,
                                                          budget.probe_share) == engine::kEveryHit};
}

std::string describe(const Measured& measured) {
  return format(
      "{} hits a second; recorded, that costs some {:.1f} % of a CPU and {} KiB of lines "
      "a second{}",
      with_thousands(static_cast<std::uint64_t>(measured.hits_per_second + 0.5)),
      measured.cpu_share * 100,
      with_thousands(static_cast<std::uint64_t>(measured.line_bytes_per_second / 1024)),
      measured.within_budget ? "" : ": kprobed would sample it");
}

}  // namespace kprobed::kprobectl
