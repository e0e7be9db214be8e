// SPDX-License-Identifier: Apache-2.0
//
// Three rings per CPU. `fast` wakes its reader at every record: for rare probes, whose events are
// with the clients at once, and which cost nothing while nothing happens. `bulk` wakes it every 64
// KiB, and is looked at by a timer: for busy probes, since a wakeup costs the probed code 15 us
// (KERNEL-FACTS 28). Side-band records (COMM, FORK, EXIT) and what is heard of modules have a third
// one: no probe, however busy, costs us a task's name, and a storm of forks wakes nobody.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "ringbuf/mapped_ring.h"

namespace kprobed::engine {

/// Which of a CPU's two rings for probes.
enum class Lane : std::uint8_t { fast, bulk };

/// Per CPU; each a power of two, and whole pages.
struct RingSizes {
  std::size_t bulk_bytes = 0;
  std::size_t fast_bytes = 0;
  std::size_t side_band_bytes = 0;

  std::size_t sum() const { return bulk_bytes + fast_bytes + side_band_bytes; }
  /// With the page before each that the counters are in.
  std::size_t mapped(std::size_t page_bytes) const { return sum() + 3 * page_bytes; }
  bool operator==(const RingSizes&) const = default;
};

/// What each of `cpus` CPUs gets: 2 MiB for bulk, 512 KiB for fast, 64 KiB for the side band; less
/// where all together would exceed some three quarters of `budget_bytes`, the rest of which is for
/// events (kernel_budget.h). Never under 64 KiB for bulk and 16 KiB for the others, nor under a
/// page of `page_bytes`.
RingSizes ring_sizes_within(std::uint64_t budget_bytes, std::size_t cpus, std::size_t page_bytes);

/// Rings as they would be opened.
struct RingPlan {
  RingSizes sizes;             ///< of each CPU's
  std::vector<unsigned> cpus;  ///< that are online, and wanted
  std::uint64_t bytes = 0;     ///< of kernel memory, in all
};
/// `bulk_bytes` 0: what `kernel_memory` allows, or, where that is 0, the machine's default budget.
/// On the online ones of `cpus`; empty: on all that are online.
Result<RingPlan> plan_rings(std::size_t bulk_bytes, const std::vector<unsigned>& cpus,
                            std::uint64_t kernel_memory = 0);
/// kernel_memory_limit() on this machine, with these rings.
std::uint64_t kernel_memory_here(std::uint64_t kernel_memory, std::uint64_t ring_bytes,
                                 std::size_t cpus);

/// One CPU's rings. Read by the pump alone; who arms redirects to their leaders.
struct CpuRing {
  ringbuf::MappedRing bulk, fast, side_band;

  unsigned cpu() const { return bulk.cpu(); }
};

/// The rings of all CPUs that have some. Copies share them, so that control may know them while the
/// pump reads them; rings that nobody knows any more are closed, which waits for RCU.
class CpuRings {
 public:
  /// As plan_rings() says.
  static Result<CpuRings> open(std::size_t bulk_bytes, std::vector<unsigned> cpus = {},
                               std::uint64_t kernel_memory = 0);

  /// Rings for one more CPU; ENODEV if it is offline. After an error there are no more than before.
  Result<void> add(unsigned cpu);
  void remove(unsigned cpu);
  bool has(unsigned cpu) const;

  const std::vector<std::shared_ptr<CpuRing>>& all() const { return rings_; }
  /// May `cpu` have rings at all?
  bool wants(unsigned cpu) const;
  std::vector<ringbuf::RingTarget> targets(Lane lane) const;
  std::vector<ringbuf::RingTarget> side_band_rings() const;
  std::size_t cpus() const { return rings_.size(); }
  /// Of kernel memory, all rings together.
  std::uint64_t bytes() const;

  /// Makes readable what the kernel has written until now. Returns how full the fullest ring for
  /// probes is, in percent.
  unsigned snapshot();
  /// Gives consumed space back.
  /// False if in none of the rings for probes anything can have been lost since the last call.
  bool release();

  /// All readers: the side-band ones first, so that at equal times a name is known before its
  /// event.
  const std::vector<ringbuf::RingReader*>& readers();
  /// Is readers()[index] a side-band ring, or one for rare probes?
  bool is_side_band(std::size_t index) const { return index < rings_.size(); }
  bool is_fast(std::size_t index) const {
    return index >= rings_.size() && index < 2 * rings_.size();
  }

  /// To poll for POLLIN.
  std::vector<int> poll_fds() const;
  /// Bytes that were skipped because a record's length lied.
  std::uint64_t malformed_bytes();

 private:
  std::vector<std::shared_ptr<CpuRing>> rings_;
  std::vector<ringbuf::RingReader*> readers_;
  RingSizes sizes_;
  std::vector<unsigned> wanted_;  ///< empty: all
};

}  // namespace kprobed::engine
