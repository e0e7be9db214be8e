// SPDX-License-Identifier: Apache-2.0
//
// Two rings per online CPU (DESIGN 7): one for the probes, and one for the side-band records (COMM,
// FORK, EXIT), so that a busy probe never costs us a task's name.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "ringbuf/mapped_ring.h"

namespace kprobed::engine {

struct RingSizes {
  std::size_t probe_bytes = 0;      ///< per CPU; a power of two
  std::size_t side_band_bytes = 0;  ///< per CPU; a power of two
};

/// What `cpus` CPUs get by default: 2 MiB each, less where all together would exceed the smaller of
/// 64 MiB and 1 % of `memory_bytes`; never under 64 KiB.
RingSizes default_ring_sizes(std::size_t cpus, std::uint64_t memory_bytes);

/// One CPU's two rings. Read by the pump alone; who arms redirects to their leaders.
struct CpuRing {
  ringbuf::MappedRing probe, side_band;

  unsigned cpu() const { return probe.cpu(); }
};

/// The rings of all CPUs that have some. Copies share them, so that control may know them while the
/// pump reads them; rings that nobody knows any more are closed, which waits for RCU.
class CpuRings {
 public:
  /// `probe_bytes` 0: the default.
  static Result<CpuRings> open(std::size_t probe_bytes);

  /// Rings for one more CPU; ENODEV if it is offline. After an error there are no more than before.
  Result<void> add(unsigned cpu);
  void remove(unsigned cpu);
  bool has(unsigned cpu) const;

  const std::vector<std::shared_ptr<CpuRing>>& all() const { return rings_; }
  std::vector<ringbuf::RingTarget> probe_rings() const;
  std::vector<ringbuf::RingTarget> side_band_rings() const;
  std::size_t cpus() const { return rings_.size(); }
  /// Of all rings together.
  std::uint64_t bytes() const;

  /// Makes readable what the kernel has written until now. Returns how full the fullest probe ring
  /// is, in percent.
  unsigned snapshot();
  /// Gives consumed space back.
  void release();

  /// All readers: the side-band ones first, so that at equal times a name is known before its
  /// event.
  const std::vector<ringbuf::RingReader*>& readers();
  /// Is readers()[index] a side-band ring?
  bool is_side_band(std::size_t index) const { return index < rings_.size(); }

  /// To poll for POLLIN.
  std::vector<int> poll_fds() const;
  /// Bytes that were skipped because a record's length lied.
  std::uint64_t malformed_bytes();

 private:
  std::vector<std::shared_ptr<CpuRing>> rings_;
  std::vector<ringbuf::RingReader*> readers_;
  RingSizes sizes_;
};

}  // namespace kprobed::engine
