// SPDX-License-Identifier: Apache-2.0
//
// One CPU's ring: the leader event, its mapping, and the two counters shared with the kernel.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "base/unique_fd.h"
#include "ringbuf/ring_reader.h"
#include "ringbuf/ring_target.h"

namespace kprobed::ringbuf {

struct RingOptions {
  std::size_t data_bytes = std::size_t{1} << 20;  ///< power of two, a multiple of the page size
  bool side_band = false;
  std::uint32_t wakeup_bytes = 64 * 1024;
};

class MappedRing {
 public:
  /// Errors: those of open_leader(); bad_number if data_bytes is not as told above; no_permission
  /// if the memory is over what the user may lock.
  static Result<MappedRing> open(unsigned cpu, const RingOptions& options);

  MappedRing(MappedRing&&) noexcept;
  MappedRing& operator=(MappedRing&&) noexcept;
  ~MappedRing();

  unsigned cpu() const { return cpu_; }
  int leader_fd() const { return leader_.get(); }
  RingTarget target() const { return {cpu_, leader_.get()}; }

  /// For how long the leader has been alive (PERF_FORMAT_TOTAL_TIME_ENABLED). It stands still for
  /// ever once its CPU has been offline, also while the machine slept: the ring is then dead, and
  /// nothing else tells (KERNEL-FACTS 27). Any thread may ask; costs an interrupt on that CPU.
  Result<std::uint64_t> alive_ns() const;

  /// Makes what the kernel has written until now readable. Pairs (acquire) with the kernel's store
  /// of data_head in perf_output_put_handle(), kernel/events/ring_buffer.c.
  void snapshot();

  RingReader& reader() { return reader_; }

  /// Gives the consumed space back to the kernel (release store of data_tail; only we write it).
  /// False if until now there was room for the longest record at any time: then nothing can have
  /// been lost since the last call. Kernels before 6.0 tell of a loss only with the next record.
  bool release();

 private:
  MappedRing(unsigned cpu, UniqueFd leader, void* base, std::size_t mapped_bytes, Bytes data);

  unsigned cpu_;
  UniqueFd leader_;
  void* base_;
  std::size_t mapped_bytes_;
  RingReader reader_;
};

}  // namespace kprobed::ringbuf
