// SPDX-License-Identifier: Apache-2.0
//
// perf_event_open(2) as this program uses it. Each errno that has a meaning here gets its sentence.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "ringbuf/cpu_list.h"

namespace kprobed::ringbuf {

/// Opens the dummy software event that leads one CPU's ring (PERF_COUNT_SW_DUMMY, CLOCK_MONOTONIC,
/// decode::kSampleType with sample_id_all). With `side_band` it also carries COMM, FORK and EXIT
/// records of everything that happens on that CPU. It runs at once, and wakes its poller each time
/// `wakeup_bytes` more have been written (the kernel takes the ring's size if that is less; 0 is
/// half the ring), whichever event wrote them.
Result<UniqueFd> open_leader(unsigned cpu, bool side_band, std::uint32_t wakeup_bytes);

/// Of a leader: for how long it has been enabled.
Result<std::uint64_t> read_alive_ns(int leader_fd);

/// Opens the trace event `event_id` (its format file's ID) on one CPU, disabled, with period 1, the
/// leader's clock and no wakeup of its own: each wakeup walks every event of the ring
/// (KERNEL-FACTS 28). It counts its losses where the kernel can (PERF_FORMAT_LOST, 6.0).
Result<UniqueFd> open_trace_event(std::uint32_t event_id, unsigned cpu);

/// The same event once more, disabled, to be counted only: it has no filter and writes into no
/// ring. What it has counted read_counts() tells as `hits`.
Result<UniqueFd> open_trace_counter(std::uint32_t event_id, unsigned cpu);

/// PERF_EVENT_IOC_SET_OUTPUT: `fd` writes into the leader's ring, which must be mapped, on the same
/// CPU and of the same clock. Also moves an event between two rings while it is enabled.
Result<void> redirect(int fd, int leader_fd);
/// PERF_EVENT_IOC_ENABLE, _DISABLE, _ID (its PERF_SAMPLE_IDENTIFIER).
Result<void> enable(int fd);
Result<void> disable(int fd);
Result<std::uint64_t> perf_id(int fd);

/// PERF_EVENT_IOC_PERIOD, also while it is enabled: records one hit in `period` from now on, after
/// the filter; all hits are counted (KERNEL-FACTS 30). 2^62 is never.
Result<void> set_period(int fd, std::uint64_t period);

/// PERF_EVENT_IOC_SET_FILTER: the event's own filter, which it can be given once, apart from the
/// `filter` file of tracefs. Errors: explain_filter().
Result<void> set_filter(int fd, const std::string& filter);

/// What read(2) of an event tells, since it was opened. `lost` needs PERF_FORMAT_LOST (6.0);
/// has_lost says if it is there.
struct Counts {
  std::uint64_t hits = 0;  ///< after the filter, lost ones included
  std::uint64_t lost = 0;  ///< found no room in the ring
  bool has_lost = false;

  bool operator==(const Counts&) const = default;
};
Result<Counts> read_counts(int fd);

}  // namespace kprobed::ringbuf
