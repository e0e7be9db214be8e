// SPDX-License-Identifier: Apache-2.0
//
// One trace event, open on every CPU and redirected into those CPUs' rings. Closing waits for RCU
// in the kernel (16 to 80 ms), so whoever destroys it should be able to wait.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "ringbuf/mapped_ring.h"
#include "ringbuf/perf_event.h"
#include "ringbuf/samples_made.h"

namespace kprobed::ringbuf {

/// Of an event on all its CPUs.
struct EventCounts : Counts {
  /// Samples made of the hits, lost ones included; both are `hits` if each was recorded.
  Bounds made;
};

struct CpuCounts {
  unsigned cpu = 0;
  Counts counts;
};

/// Both of an event with a filter; without one they are the same.
struct Passed {
  std::uint64_t seen = 0;  ///< perf was given so many hits
  std::uint64_t hits = 0;  ///< so many of them passed the filter
};

class AttachedEvent {
 public:
  /// Opens `event_id` (a probe's or an existing tracepoint's: the "ID:" of its format file) on the
  /// CPU of each ring and redirects it there. Not yet enabled. A CPU that
  /// went offline meanwhile (ENODEV) is left out; it is an error if that leaves none.
  static Result<AttachedEvent> open(std::uint32_t event_id, const std::vector<RingTarget>& rings);
  static Result<AttachedEvent> open(std::uint32_t event_id, const std::vector<MappedRing>& rings);

  /// Also on the CPU of `ring`, where it is not yet: opened, filtered and redirected as the others,
  /// but silent until the next enable(). ENODEV: that CPU is offline.
  Result<void> join(const RingTarget& ring);
  /// No longer on `cpu`, whose counts are kept in counts(). Gives what is to be closed, which waits
  /// for RCU; nothing if it was not there.
  std::vector<UniqueFd> leave(unsigned cpu);
  bool is_on(unsigned cpu) const;

  /// Into other rings of the same CPUs, while it is live: no hit is lost (KERNEL-FACTS 28). Each
  /// CPU waits for RCU, all of them at the same time. CPUs that `rings` has not stay where they
  /// are; the first error is returned, the rest is still done.
  Result<void> redirect(const std::vector<RingTarget>& rings);

  /// Lets only those hits through that `filter` matches, on every CPU: the kernel's syntax, over
  /// the fields of the event's format file and common_pid, comm, cpu. Once per event and before
  /// enable(); after an error the event is fit for nothing. Errors: explain_filter(). What does not
  /// pass is counted by a second event beside this one (9 ns a hit); see passed().
  Result<void> set_filter(const std::string& filter);

  /// Of the hits on each CPU one in `period` is recorded from now on, also on CPUs that come later;
  /// all are counted. Also while it is enabled: no hit is missed, unless it is hit so often on a
  /// CPU that it must be silent there for a moment (40 us). The first error is returned, the rest
  /// is still done.
  Result<void> set_period(std::uint64_t period);

  /// Stops at the first CPU that refuses; those before it stay enabled.
  Result<void> enable();
  /// Disables on every CPU; the first error is returned, the rest is still done.
  Result<void> disable();

  /// PERF_SAMPLE_IDENTIFIERs, one per CPU that it is open on.
  const std::vector<std::uint64_t>& ids() const { return ids_; }
  std::size_t cpus() const { return fds_.size(); }
  /// Descriptors: one for each CPU, with a filter two.
  std::size_t descriptors() const;

  /// Of each CPU that it is open on.
  Result<std::vector<CpuCounts>> counts_by_cpu() const;
  /// Summed over CPUs, those that it has left included.
  Result<EventCounts> counts() const;
  /// The same for what its filter lets through, and what there was before that. nullopt: the second
  /// event is missing on one of the CPUs, for want of descriptors.
  Result<std::optional<Passed>> passed() const;

 private:
  /// Opens, filters and redirects it on one more CPU; silent.
  Result<void> add(const RingTarget& ring);
  Result<void> set_period(std::size_t at, std::uint64_t period);
  /// Of one that is enabled: the period runs from where it had counted so many hits.
  Result<std::uint64_t> begin_period(std::size_t at, std::uint64_t period);
  /// The second event, where it is wanted; without it there is only less to tell.
  void add_counter(unsigned cpu);

  std::uint32_t event_id_ = 0;
  std::string filter_;
  std::uint64_t period_ = 1;
  EventCounts left_{{.has_lost = true}, {}};  ///< of CPUs that it is on no more
  std::uint64_t left_seen_ = 0;
  bool counts_seen_ = true;  ///< on all CPUs
  std::vector<UniqueFd> fds_;
  std::vector<UniqueFd> counters_;  ///< one for each of them, or, without a filter, none
  std::vector<std::uint64_t> ids_;
  std::vector<SamplesMade> made_;
  std::vector<bool> live_;  ///< enabled
  std::vector<unsigned> cpus_;
};

}  // namespace kprobed::ringbuf
