// SPDX-License-Identifier: Apache-2.0
#include "engine/cpu_rings.h"

#include <unistd.h>

#include <algorithm>
#include <bit>

#include "base/format.h"
#include "engine/kernel_budget.h"
#include "ringbuf/cpu_list.h"

namespace kprobed::engine {

namespace {
constexpr std::size_t kMostBulk = std::size_t{2} << 20, kLeastBulk = std::size_t{64} << 10;
constexpr std::size_t kMostSideBand = std::size_t{64} << 10, kLeastSmall = std::size_t{16} << 10;
constexpr std::uint32_t kWakeupBytes = 64 * 1024;

std::size_t page_size() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }
std::uint64_t memory_of_machine() {
  return static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) * std::uint64_t{page_size()};
}

bool is_among(const std::vector<unsigned>& wanted, unsigned cpu) {
  return wanted.empty() || std::ranges::find(wanted, cpu) != wanted.end();
}
}  // namespace

RingSizes ring_sizes_within(std::uint64_t budget_bytes, std::size_t cpus, std::size_t page_bytes) {
  const auto share = static_cast<std::size_t>(
      std::min<std::uint64_t>(budget_bytes / std::max<std::size_t>(cpus, 1), 4 * kMostBulk));
  const auto within = [page_bytes](std::size_t bytes, std::size_t least, std::size_t most) {
    return std::max(page_bytes, std::clamp(std::bit_floor(bytes), least, most));
  };
  const std::size_t all = share / 4 * 3, pages = 3 * page_bytes;
  const std::size_t probes = all - std::min(all, pages);
  // What turns busy is moved within a tenth of a second, and must find room until then.
  const std::size_t bulk = within(probes / 4 * 3, kLeastBulk, kMostBulk);
  return {.bulk_bytes = bulk,
          .fast_bytes = within(bulk / 4, kLeastSmall, kMostBulk),
          .side_band_bytes = within(share / 16, kLeastSmall, kMostSideBand)};
}

Result<RingPlan> plan_rings(std::size_t bulk_bytes, const std::vector<unsigned>& cpus,
                            std::uint64_t kernel_memory) {
  RingPlan plan;
  KPROBED_TRY(plan.cpus, ringbuf::online_cpus());
  std::erase_if(plan.cpus, [&cpus](unsigned cpu) { return !is_among(cpus, cpu); });
  const std::uint64_t budget =
      kernel_memory != 0 ? kernel_memory : default_kernel_memory(memory_of_machine());
  plan.sizes = ring_sizes_within(budget, plan.cpus.size(), page_size());
  if (bulk_bytes != 0) plan.sizes.bulk_bytes = bulk_bytes;
  plan.bytes = std::uint64_t{plan.sizes.mapped(page_size())} * plan.cpus.size();
  return plan;
}

std::uint64_t kernel_memory_here(std::uint64_t kernel_memory, std::uint64_t ring_bytes,
                                 std::size_t cpus) {
  return kernel_memory_limit(kernel_memory, memory_of_machine(), ring_bytes, cpus);
}

Result<CpuRings> CpuRings::open(std::size_t bulk_bytes, std::vector<unsigned> wanted,
                                std::uint64_t kernel_memory) {
  KPROBED_TRY(const RingPlan plan, plan_rings(bulk_bytes, wanted, kernel_memory));
  CpuRings rings;
  rings.wanted_ = std::move(wanted);
  rings.sizes_ = plan.sizes;
  for (const unsigned cpu : plan.cpus) {
    auto added = rings.add(cpu);
    // A CPU may go offline between the listing and here; the others still serve.
    if (!added.ok() && added.error().sys_errno != ENODEV) return std::move(added).error();
  }
  if (rings.rings_.empty()) return Error(ErrorCode::io, "no CPU would open a perf ring");
  return rings;
}

Result<void> CpuRings::add(unsigned cpu) {
  // Half a small ring at the latest; a large one after 64 KiB.
  const auto wakeup = [](std::size_t bytes) {
    return static_cast<std::uint32_t>(std::min<std::size_t>(kWakeupBytes, bytes / 2));
  };
  auto bulk = ringbuf::MappedRing::open(cpu, {.data_bytes = sizes_.bulk_bytes,
                                              .side_band = false,
                                              .wakeup_bytes = wakeup(sizes_.bulk_bytes)});
  if (!bulk.ok())
    return std::move(bulk).error().while_doing(format("open the ring of CPU {}", cpu));
  auto fast = ringbuf::MappedRing::open(
      cpu, {.data_bytes = sizes_.fast_bytes, .side_band = false, .wakeup_bytes = 1});
  if (!fast.ok()) {
    return std::move(fast).error().while_doing(
        format("open the ring for rare probes of CPU {}", cpu));
  }
  auto side_band = ringbuf::MappedRing::open(cpu, {.data_bytes = sizes_.side_band_bytes,
                                                   .side_band = true,
                                                   .wakeup_bytes = wakeup(sizes_.side_band_bytes)});
  if (!side_band.ok()) {
    return std::move(side_band).error().while_doing(
        format("open the side-band ring of CPU {}", cpu));
  }
  rings_.push_back(std::make_shared<CpuRing>(CpuRing{.bulk = std::move(bulk).value(),
                                                     .fast = std::move(fast).value(),
                                                     .side_band = std::move(side_band).value()}));
  return {};
}

void CpuRings::remove(unsigned cpu) {
  std::erase_if(rings_, [cpu](const auto& ring) { return ring->cpu() == cpu; });
}

bool CpuRings::has(unsigned cpu) const {
  return std::ranges::any_of(rings_, [cpu](const auto& ring) { return ring->cpu() == cpu; });
}

bool CpuRings::wants(unsigned cpu) const { return is_among(wanted_, cpu); }

std::vector<ringbuf::RingTarget> CpuRings::targets(Lane lane) const {
  std::vector<ringbuf::RingTarget> targets;
  for (const auto& ring : rings_) {
    targets.push_back(lane == Lane::fast ? ring->fast.target() : ring->bulk.target());
  }
  return targets;
}

std::vector<ringbuf::RingTarget> CpuRings::side_band_rings() const {
  std::vector<ringbuf::RingTarget> targets;
  for (const auto& ring : rings_) targets.push_back(ring->side_band.target());
  return targets;
}

std::uint64_t CpuRings::bytes() const {
  return std::uint64_t{sizes_.mapped(page_size())} * rings_.size();
}

unsigned CpuRings::snapshot() {
  // Probes first: a name that is needed was written before its event, so it is there by then.
  std::uint64_t fullest = 0, fullest_fast = 0;
  const auto look = [](ringbuf::MappedRing& ring, std::uint64_t& most) {
    ring.snapshot();
    most = std::max(most, ring.reader().head() - ring.reader().tail());
  };
  for (const auto& ring : rings_) {
    look(ring->bulk, fullest);
    look(ring->fast, fullest_fast);
  }
  for (const auto& ring : rings_) ring->side_band.snapshot();
  const auto percent = [](std::uint64_t bytes, std::size_t of) {
    return static_cast<unsigned>(bytes * 100 / std::max<std::size_t>(of, 1));
  };
  return std::max(percent(fullest, sizes_.bulk_bytes), percent(fullest_fast, sizes_.fast_bytes));
}

bool CpuRings::release() {
  bool pressed = false;
  for (const auto& ring : rings_) {
    ring->side_band.release();
    pressed = ring->fast.release() || pressed;
    pressed = ring->bulk.release() || pressed;
  }
  return pressed;
}

const std::vector<ringbuf::RingReader*>& CpuRings::readers() {
  readers_.clear();  // keeps its capacity
  for (const auto& ring : rings_) readers_.push_back(&ring->side_band.reader());
  for (const auto& ring : rings_) readers_.push_back(&ring->fast.reader());
  for (const auto& ring : rings_) readers_.push_back(&ring->bulk.reader());
  return readers_;
}

std::vector<int> CpuRings::poll_fds() const {
  std::vector<int> fds;
  for (const auto& ring : rings_) {
    fds.push_back(ring->fast.leader_fd());
    fds.push_back(ring->bulk.leader_fd());
    fds.push_back(ring->side_band.leader_fd());
  }
  return fds;
}

std::uint64_t CpuRings::malformed_bytes() {
  std::uint64_t bytes = 0;
  for (ringbuf::RingReader* reader : readers()) bytes += reader->malformed_bytes();
  return bytes;
}

}  // namespace kprobed::engine
