// SPDX-License-Identifier: Apache-2.0
//
// ProbeTable's account of what probes take of the machine: memory of the kernel and descriptors.
// Asked before anything of a request is armed; who is here already, and CPUs that come, take what
// they need.
#include <algorithm>

#include "engine/cpu_rings.h"
#include "engine/probe_entry.h"
#include "ringbuf/descriptor_limit.h"

namespace kprobed::engine {

std::size_t ProbeTable::open_events() const {
  std::size_t open = 3 * rings_.cpus();  // their leaders
  for (const auto& one : all_groups_) {
    if (const auto group = one.lock()) open += group->event().descriptors();
  }
  for (const HeardModuleEvent& heard : module_events_) open += heard.attached.descriptors();
  for (const Dead& dead : graveyard_) open += dead.descriptor.valid() ? 1 : 0;
  return open;
}

EngineStatus ProbeTable::taken() const {
  EngineStatus status;
  std::uint64_t ring_bytes = rings_.bytes();
  std::size_t cpus = rings_.cpus();
  status.cpus = static_cast<unsigned>(cpus);
  status.ring_bytes = ring_bytes;
  status.event_bytes = open_events() * kEventBytes;
  if (!pump_) {
    // As it will be with the first probe.
    const auto plan =
        plan_rings(options_.ring_bytes_per_cpu, options_.cpus, options_.kernel_memory);
    if (plan.ok()) {
      ring_bytes = plan->bytes;
      cpus = plan->cpus.size();
    }
  }
  status.kernel_memory_max = kernel_memory_here(options_.kernel_memory, ring_bytes, cpus);
  if (const auto now = ringbuf::count_descriptors(); now.ok()) {
    status.descriptors = now->open;
    status.descriptors_max = now->limit;
  }
  return status;
}

void ProbeTable::count_events(const AddRequest& request, const resolve::ResolvedProbe& probe,
                              EventCount& count) {
  if (!probe.missing.empty()) return;
  const std::string signature =
      request.disabled ? std::string() : group_signature(probe, request.owner_uid, request.exact);
  count.add(signature, probe.address, !probe.filter.empty(),
            group_for(probe, signature) != nullptr);
}

Result<KernelDemand> ProbeTable::demand_of(const EventCount& count) const {
  KernelDemand demand{.events = count.events(), .per_cpu = count.per_cpu(), .cpus = rings_.cpus()};
  if (!pump_) {
    KPROBED_TRY(const RingPlan plan,
                plan_rings(options_.ring_bytes_per_cpu, options_.cpus, options_.kernel_memory));
    demand.cpus = plan.cpus.size();
    demand.ring_bytes = plan.bytes;
  }
  return demand;
}

Result<void> ProbeTable::check_room(const KernelDemand& demand) const {
  if (demand.per_cpu == 0) return {};
  const std::uint64_t rings = rings_.bytes() + demand.ring_bytes;
  KPROBED_TRY_VOID(check_memory(
      demand, {.memory_used = rings_.bytes() + (open_events() + coming_events_) * kEventBytes,
               .memory_max = kernel_memory_here(options_.kernel_memory, rings, demand.cpus)}));
  // Counting them takes as long as there are many. Events that are a third of what may be open
  // leave room for all else there is.
  const std::uint64_t limit = ringbuf::descriptor_limit();
  if (3 * (open_events() + coming_events_ + demand.descriptors()) < limit) return {};
  const auto now = ringbuf::count_descriptors();
  if (!now.ok()) return {};  // opening will tell
  return check_descriptors(
      demand, {.descriptors_free = now->free - std::min<std::uint64_t>(now->free, coming_events_),
               .descriptors_max = now->limit});
}

}  // namespace kprobed::engine
