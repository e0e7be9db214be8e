// SPDX-License-Identifier: Apache-2.0
#include "ringbuf/attached_event.h"

#include <cerrno>

#include "base/format.h"

namespace kprobed::ringbuf {

Result<AttachedEvent> AttachedEvent::open(std::uint32_t event_id,
                                          const std::vector<MappedRing>& rings) {
  AttachedEvent event;
  for (const MappedRing& ring : rings) {
    auto fd = open_trace_event(event_id, ring.cpu());
    if (!fd.ok() && fd.error().sys_errno == ENODEV) continue;
    if (!fd.ok()) return std::move(fd).error();
    auto redirected = redirect(fd->get(), ring.leader_fd());
    if (!redirected.ok())
      return std::move(redirected)
          .error()
          .while_doing(format("trace event {} on CPU {}", event_id, ring.cpu()));
    KPROBED_TRY(const std::uint64_t id, perf_id(fd->get()));
    event.fds_.push_back(std::move(fd).value());
    event.ids_.push_back(id);
    event.cpus_.push_back(ring.cpu());
  }
  if (event.fds_.empty())
    return Error(ErrorCode::not_found,
                 format("trace event {}: none of {} CPUs is online", event_id, rings.size()));
  return event;
}

Result<void> AttachedEvent::set_filter(const std::string& filter) {
  for (const UniqueFd& fd : fds_) KPROBED_TRY_VOID(ringbuf::set_filter(fd.get(), filter));
  return {};
}

Result<void> AttachedEvent::enable() {
  for (const UniqueFd& fd : fds_) KPROBED_TRY_VOID(ringbuf::enable(fd.get()));
  return {};
}

Result<void> AttachedEvent::disable() {
  Result<void> first;
  for (const UniqueFd& fd : fds_) {
    auto done = ringbuf::disable(fd.get());
    if (!done.ok() && first.ok()) first = std::move(done);
  }
  return first;
}

Result<std::vector<CpuCounts>> AttachedEvent::counts_by_cpu() const {
  std::vector<CpuCounts> all;
  for (std::size_t i = 0; i < fds_.size(); ++i) {
    KPROBED_TRY(const Counts one, read_counts(fds_[i].get()));
    all.push_back({.cpu = cpus_[i], .counts = one});
  }
  return all;
}

Result<Counts> AttachedEvent::counts() const {
  KPROBED_TRY(const std::vector<CpuCounts> all, counts_by_cpu());
  Counts sum;
  sum.has_lost = true;
  for (const auto& [cpu, one] : all) {
    sum.hits += one.hits;
    sum.lost += one.lost;
    // Where one cannot tell, the sum is not the whole either.
    sum.has_lost = sum.has_lost && one.has_lost;
  }
  return sum;
}

}  // namespace kprobed::ringbuf
