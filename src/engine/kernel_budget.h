// SPDX-License-Identifier: Apache-2.0
//
// What probes may take of the machine, and what they will take before any of them is set: kernel
// memory for rings and events, and descriptors. Pure: numbers in, numbers and sentences out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "base/result.h"

namespace kprobed::engine {

/// Of an event that is open on a CPU (KERNEL-FACTS 34).
inline constexpr std::uint64_t kEventBytes = 1352;
/// Descriptors that no probe takes, so that clients still get in, and tracefs can be read.
inline constexpr unsigned kDescriptorsKept = 32;
/// Events on each CPU that are not a probe's: the leaders of its rings, and modules that come and
/// go.
inline constexpr std::size_t kOwnEventsPerCpu = 5;

/// The smaller of 64 MiB and 1 % of `machine_bytes`.
std::uint64_t default_kernel_memory(std::uint64_t machine_bytes);

/// How much rings and events may have in all, where the rings of `cpus` CPUs have `ring_bytes`:
/// `setting` or, where that is 0, default_kernel_memory(). That gives way to rings that were asked
/// for, or cannot be smaller: an eighth of it, or 32 events on each CPU, is always left for probes.
std::uint64_t kernel_memory_limit(std::uint64_t setting, std::uint64_t machine_bytes,
                                  std::uint64_t ring_bytes, std::size_t cpus);

/// What there is.
struct KernelSupply {
  std::uint64_t memory_used = 0, memory_max = 0;  ///< bytes
  std::uint64_t descriptors_free = 0, descriptors_max = 0;
};

/// What arming probes will open.
struct KernelDemand {
  std::size_t events = 0;   ///< of the kernel's
  std::size_t per_cpu = 0;  ///< times they are opened on each CPU: those with a condition twice
  std::size_t cpus = 0;
  std::uint64_t ring_bytes = 0;  ///< of rings that are not there yet

  std::uint64_t descriptors() const {
    return std::uint64_t{per_cpu + (ring_bytes != 0 ? kOwnEventsPerCpu : 0)} * cpus;
  }
  std::uint64_t memory() const { return ring_bytes + descriptors() * kEventBytes; }
};

/// `exhausted`, in one sentence, if there is not so much; how much there is, and what to do, is its
/// hint: the sentence stays the same for a probe that is tried again and again.
Result<void> check_memory(const KernelDemand& demand, const KernelSupply& supply);
Result<void> check_descriptors(const KernelDemand& demand, const KernelSupply& supply);

/// Counts the events that probes of one request will need, one after the other: those whose records
/// look alike share them, with each other and with what is there.
class EventCount {
 public:
  /// `signature` as group_signature() has it. `joins`: the open event of that signature would take
  /// it in.
  void add(const std::string& signature, std::uint64_t address, bool filtered, bool joins);

  std::size_t events() const { return events_; }
  std::size_t per_cpu() const { return per_cpu_; }

 private:
  struct Open {
    bool ours = false;  ///< made by a probe before
    std::set<std::uint64_t> addresses;
  };
  std::map<std::string, Open> open_;  ///< by signature
  std::size_t events_ = 0, per_cpu_ = 0;
};

}  // namespace kprobed::engine
