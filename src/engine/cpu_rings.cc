// SPDX-License-Identifier: Apache-2.0
#include "engine/cpu_rings.h"

#include <unistd.h>

#include <algorithm>
#include <bit>

#include "base/format.h"
#include "ringbuf/cpu_list.h"

namespace kprobed::engine {

namespace {
constexpr std::size_t kMaxProbeRing = std::size_t{2} << 20;
constexpr std::size_t kMinRing = std::size_t{64} << 10;
constexpr std::uint64_t kMaxAllRings = std::uint64_t{64} << 20;
constexpr std::uint32_t kWakeupBytes = 64 * 1024;

std::uint64_t memory_of_machine() {
  return static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
         static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}
}  // namespace

RingSizes default_ring_sizes(std::size_t cpus, std::uint64_t memory_bytes) {
  const std::uint64_t budget = std::min<std::uint64_t>(kMaxAllRings, memory_bytes / 100);
  const std::uint64_t share = budget / std::max<std::size_t>(cpus, 1);
  const std::size_t probe = std::clamp<std::size_t>(std::bit_floor(static_cast<std::size_t>(share)),
                                                    kMinRing, kMaxProbeRing);
  return {probe, kMinRing};
}

Result<CpuRings> CpuRings::open(std::size_t probe_bytes) {
  KPROBED_TRY(const std::vector<unsigned> cpus, ringbuf::online_cpus());
  CpuRings rings;
  rings.sizes_ = default_ring_sizes(cpus.size(), memory_of_machine());
  if (probe_bytes != 0) rings.sizes_.probe_bytes = probe_bytes;
  for (const unsigned cpu : cpus) {
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
  auto probe = ringbuf::MappedRing::open(cpu, {.data_bytes = sizes_.probe_bytes,
                                               .side_band = false,
                                               .wakeup_bytes = wakeup(sizes_.probe_bytes)});
  if (!probe.ok())
    return std::move(probe).error().while_doing(format("open the ring of CPU {}", cpu));
  auto side_band = ringbuf::MappedRing::open(cpu, {.data_bytes = sizes_.side_band_bytes,
                                                   .side_band = true,
                                                   .wakeup_bytes = wakeup(sizes_.side_band_bytes)});
  if (!side_band.ok()) {
    return std::move(side_band).error().while_doing(
        format("open the side-band ring of CPU {}", cpu));
  }
  rings_.push_back(std::make_shared<CpuRing>(
      CpuRing{.probe = std::move(probe).value(), .side_band = std::move(side_band).value()}));
  return {};
}

void CpuRings::remove(unsigned cpu) {
  std::erase_if(rings_, [cpu](const auto& ring) { return ring->cpu() == cpu; });
}

bool CpuRings::has(unsigned cpu) const {
  return std::ranges::any_of(rings_, [cpu](const auto& ring) { return ring->cpu() == cpu; });
}

std::vector<ringbuf::RingTarget> CpuRings::probe_rings() const {
  std::vector<ringbuf::RingTarget> targets;
  for (const auto& ring : rings_) targets.push_back(ring->probe.target());
  return targets;
}

std::vector<ringbuf::RingTarget> CpuRings::side_band_rings() const {
  std::vector<ringbuf::RingTarget> targets;
  for (const auto& ring : rings_) targets.push_back(ring->side_band.target());
  return targets;
}

std::uint64_t CpuRings::bytes() const {
  return rings_.size() * (sizes_.probe_bytes + sizes_.side_band_bytes);
}

unsigned CpuRings::snapshot() {
  // Probes first: a name that is needed was written before its event, so it is there by then.
  std::uint64_t fullest = 0;
  for (const auto& ring : rings_) {
    ring->probe.snapshot();
    fullest = std::max(fullest, ring->probe.reader().head() - ring->probe.reader().tail());
  }
  for (const auto& ring : rings_) ring->side_band.snapshot();
  return static_cast<unsigned>(fullest * 100 / std::max<std::size_t>(sizes_.probe_bytes, 1));
}

void CpuRings::release() {
  for (const auto& ring : rings_) ring->side_band.release();
  for (const auto& ring : rings_) ring->probe.release();
}

const std::vector<ringbuf::RingReader*>& CpuRings::readers() {
  readers_.clear();  // keeps its capacity
  for (const auto& ring : rings_) readers_.push_back(&ring->side_band.reader());
  for (const auto& ring : rings_) readers_.push_back(&ring->probe.reader());
  return readers_;
}

std::vector<int> CpuRings::poll_fds() const {
  std::vector<int> fds;
  for (const auto& ring : rings_) fds.push_back(ring->probe.leader_fd());
  for (const auto& ring : rings_) fds.push_back(ring->side_band.leader_fd());
  return fds;
}

std::uint64_t CpuRings::malformed_bytes() {
  std::uint64_t bytes = 0;
  for (ringbuf::RingReader* reader : readers()) bytes += reader->malformed_bytes();
  return bytes;
}

}  // namespace kprobed::engine
