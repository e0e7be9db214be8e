// SPDX-License-Identifier: Apache-2.0
#include "ringbuf/perf_event.h"

#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/format.h"
#include "decode/sample_layout.h"
#include "ringbuf/refusal.h"

namespace kprobed::ringbuf {
namespace {

/// What leader and trace events share. Clocks must be equal for SET_OUTPUT, and MONOTONIC is one of
/// the two that tracepoints take (no PERF_PMU_CAP_NO_NMI). sample_id_all also on trace events: the
/// trailer of a LOST record follows the attr of the event that writes next.
perf_event_attr common_attr() {
  perf_event_attr attr{};
  attr.size = sizeof attr;  // a larger struct than the kernel's is fine while the rest is zero
  attr.sample_type = decode::kSampleType;
  attr.sample_id_all = 1;
  attr.use_clockid = 1;
  attr.clockid = CLOCK_MONOTONIC;
  return attr;
}

/// -1 with errno, or the descriptor.
int open_on_cpu(perf_event_attr& attr, unsigned cpu) {
  constexpr pid_t kEveryTask = -1;
  constexpr int kNoGroup = -1;
  return static_cast<int>(::syscall(SYS_perf_event_open, &attr, kEveryTask, static_cast<int>(cpu),
                                    kNoGroup, PERF_FLAG_FD_CLOEXEC));
}

Result<void> simple_ioctl(int fd, unsigned long request, std::string_view what) {
  if (::ioctl(fd, request, 0) != 0) return system_error(errno, what);
  return {};
}

}  // namespace

Result<UniqueFd> open_leader(unsigned cpu, bool side_band, std::uint32_t wakeup_bytes) {
  perf_event_attr attr = common_attr();
  attr.type = PERF_TYPE_SOFTWARE;
  attr.config = PERF_COUNT_SW_DUMMY;
  attr.watermark = 1;
  attr.wakeup_watermark = wakeup_bytes;
  attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED;
  attr.comm = side_band ? 1 : 0;
  attr.task = side_band ? 1 : 0;
  UniqueFd fd(open_on_cpu(attr, cpu));
  if (!fd.valid()) return explain_open(errno, format("the ring's leader on CPU {}", cpu));
  return fd;
}

Result<std::uint64_t> read_alive_ns(int leader_fd) {
  std::array<std::uint64_t, 2> words{};  // value, time_enabled
  const ssize_t got = ::read(leader_fd, words.data(), sizeof words);
  if (got < 0) return system_error(errno, "read a ring leader's time");
  if (got != sizeof words)
    return Error(ErrorCode::malformed, format("{} bytes from a ring's leader", got));
  return words[1];
}

Result<UniqueFd> open_trace_event(std::uint32_t event_id, unsigned cpu) {
  perf_event_attr attr = common_attr();
  attr.type = PERF_TYPE_TRACEPOINT;
  attr.config = event_id;
  attr.sample_period = 1;
  attr.disabled = 1;
  attr.read_format = PERF_FORMAT_LOST;
  UniqueFd fd(open_on_cpu(attr, cpu));
  if (!fd.valid() && errno == EINVAL) {
    // Before 6.0 an unknown bit of read_format is EINVAL (perf_copy_attr). If the fault was
    // elsewhere, the second try says EINVAL as well.
    attr.read_format = 0;
    fd.reset(open_on_cpu(attr, cpu));
  }
  if (!fd.valid()) return explain_open(errno, format("trace event {} on CPU {}", event_id, cpu));
  return fd;
}

Result<UniqueFd> open_trace_counter(std::uint32_t event_id, unsigned cpu) {
  perf_event_attr attr{};
  attr.size = sizeof attr;
  attr.type = PERF_TYPE_TRACEPOINT;
  attr.config = event_id;
  attr.disabled = 1;
  UniqueFd fd(open_on_cpu(attr, cpu));
  if (!fd.valid())
    return explain_open(errno, format("the counter of trace event {} on CPU {}", event_id, cpu));
  return fd;
}

Result<void> redirect(int fd, int leader_fd) {
  if (::ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT, leader_fd) != 0) return explain_redirect(errno);
  return {};
}

Result<void> enable(int fd) {
  return simple_ioctl(fd, PERF_EVENT_IOC_ENABLE, "enable a perf event");
}

Result<void> disable(int fd) {
  return simple_ioctl(fd, PERF_EVENT_IOC_DISABLE, "disable a perf event");
}

Result<std::uint64_t> perf_id(int fd) {
  std::uint64_t id = 0;
  if (::ioctl(fd, PERF_EVENT_IOC_ID, &id) != 0)
    return system_error(errno, "ask for a perf event's id");
  return id;
}

Result<void> set_period(int fd, std::uint64_t period) {
  if (::ioctl(fd, PERF_EVENT_IOC_PERIOD, &period) != 0)
    return system_error(errno, "set a perf event's period");
  return {};
}

Result<void> set_filter(int fd, const std::string& filter) {
  if (::ioctl(fd, PERF_EVENT_IOC_SET_FILTER, filter.c_str()) != 0)
    return explain_filter(errno, filter);
  return {};
}

Result<Counts> read_counts(int fd) {
  // {u64 value; u64 lost if PERF_FORMAT_LOST}: the length tells which of the two opens succeeded.
  std::array<std::uint64_t, 2> words{};
  const ssize_t got = ::read(fd, words.data(), sizeof words);
  if (got < 0) return system_error(errno, "read a perf event's counts");
  if (got != 8 && got != 16)
    return Error(ErrorCode::malformed, format("{} bytes of counts from a perf event", got));
  return Counts{words[0], words[1], got == 16};
}

}  // namespace kprobed::ringbuf
