// SPDX-License-Identifier: Apache-2.0
//
// Two rings per online CPU (DESIGN 7): one for the probes, and one for the side-band records (COMM,
// FORK, EXIT), so that a busy probe never costs us a task's name.
#pragma once

#include <cstdint>
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

class CpuRings {
 public:
  /// `probe_bytes` 0: the default.
  static Result<CpuRings> open(std::size_t probe_bytes);

  const std::vector<ringbuf::MappedRing>& probe_rings() const { return probes_; }
  std::size_t cpus() const { return probes_.size(); }
  /// Of all rings together.
  std::uint64_t bytes() const { return bytes_; }

  /// Makes readable what the kernel has written until now. Returns how full the fullest probe ring
  /// is, in percent.
  unsigned snapshot();
  /// Gives consumed space back.
  void release();

  /// All readers: the side-band ones first, so that at equal times a name is known before its
  /// event.
  const std::vector<ringbuf::RingReader*>& readers();
  /// Is readers()[index] a side-band ring?
  bool is_side_band(std::size_t index) const { return index < side_band_.size(); }

  /// To poll for POLLIN.
  std::vector<int> poll_fds() const;
  /// Bytes that were skipped because a record's length lied.
  std::uint64_t malformed_bytes();

 private:
  std::vector<ringbuf::MappedRing> side_band_, probes_;
  std::vector<ringbuf::RingReader*> readers_;
  std::uint64_t bytes_ = 0;
  std::size_t probe_ring_bytes_ = 1;
};

}  // namespace kprobed::engine
