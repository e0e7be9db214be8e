// SPDX-License-Identifier: Apache-2.0
#include "engine/kernel_budget.h"

#include <algorithm>

#include "base/format.h"
#include "engine/event_group.h"

namespace kprobed::engine {

namespace {

constexpr std::uint64_t kMostByDefault = std::uint64_t{64} << 20;
constexpr std::uint64_t kLeastEventsPerCpu = 32;

std::string mebibytes(std::uint64_t bytes) {
  return format("{:.1f} MiB", static_cast<double>(bytes) / (1 << 20));
}

std::string counted(std::size_t count, std::string_view what) {
  return format("{} {}{}", count, what, count == 1 ? "" : "s");
}

/// "5 events of the kernel's on 2 CPUs, and their rings"
std::string subject(const KernelDemand& demand) {
  return format("{} of the kernel's on {}{}", counted(demand.events, "event"),
                counted(demand.cpus, "CPU"), demand.ring_bytes == 0 ? "" : ", and for the rings");
}

constexpr std::string_view kLess =
    "or watch fewer CPUs (cpus in kprobed.conf), or set fewer probes: kprobes with the same "
    "arguments and condition share an event";

}  // namespace

std::uint64_t default_kernel_memory(std::uint64_t machine_bytes) {
  return std::min(kMostByDefault, machine_bytes / 100);
}

std::uint64_t kernel_memory_limit(std::uint64_t setting, std::uint64_t machine_bytes,
                                  std::uint64_t ring_bytes, std::size_t cpus) {
  if (setting != 0) return setting;
  const std::uint64_t usual = default_kernel_memory(machine_bytes);
  const std::uint64_t own = kOwnEventsPerCpu * kEventBytes * cpus;
  const std::uint64_t least = std::max(usual / 8, kLeastEventsPerCpu * kEventBytes * cpus);
  return std::max(usual, ring_bytes + own + least);
}

Result<void> check_memory(const KernelDemand& demand, const KernelSupply& supply) {
  const std::uint64_t left = supply.memory_max - std::min(supply.memory_used, supply.memory_max);
  if (demand.per_cpu == 0 || demand.memory() <= left) return {};
  return Error(ErrorCode::exhausted, format("no kernel memory left for {}: that takes {}",
                                            subject(demand), mebibytes(demand.memory())))
      .with_hint(format("{} of {} are free; raise kernel_memory in kprobed.conf, {}",
                        mebibytes(left), mebibytes(supply.memory_max), kLess));
}

Result<void> check_descriptors(const KernelDemand& demand, const KernelSupply& supply) {
  const std::uint64_t left =
      supply.descriptors_free - std::min<std::uint64_t>(kDescriptorsKept, supply.descriptors_free);
  if (demand.per_cpu == 0 || demand.descriptors() <= left) return {};
  return Error(ErrorCode::exhausted, format("no file descriptor left for {}: that takes {}",
                                            subject(demand), demand.descriptors()))
      .with_hint(format("{} of {} are free; raise LimitNOFILE= (systemctl edit kprobed), {}", left,
                        supply.descriptors_max, kLess));
}

void EventCount::add(const std::string& signature, std::uint64_t address, bool filtered,
                     bool joins) {
  if (!signature.empty()) {
    Open& open = open_[signature];
    const bool takes = (open.ours || joins) && is_apart(open.addresses, address);
    if (!takes) {
      open.ours = true;
      open.addresses.clear();
    }
    open.addresses.insert(address);
    if (takes) return;
  }
  ++events_;
  per_cpu_ += filtered ? 2 : 1;
}

}  // namespace kprobed::engine
