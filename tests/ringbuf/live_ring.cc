// SPDX-License-Identifier: Apache-2.0
#include "live_ring.h"

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "ringbuf/cpu_list.h"

namespace kprobed::ringbuf {

Result<std::vector<MappedRing>> open_rings(const RingOptions& options) {
  KPROBED_TRY(const std::vector<unsigned> cpus, online_cpus());
  std::vector<MappedRing> rings;
  for (const unsigned cpu : cpus) {
    KPROBED_TRY(MappedRing ring, MappedRing::open(cpu, options));
    rings.push_back(std::move(ring));
  }
  return rings;
}

std::vector<OwnedRecord> drain(MappedRing& ring) {
  std::vector<OwnedRecord> records;
  ring.snapshot();
  for (Bytes bytes = ring.reader().peek(); !bytes.empty(); bytes = ring.reader().peek()) {
    records.emplace_back(bytes);
    ring.reader().consume();
  }
  ring.release();
  return records;
}

Result<void> pin_to(unsigned cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  if (::sched_setaffinity(0, sizeof set, &set) != 0) return system_error(errno, "pin to a CPU");
  return {};
}

Result<std::string> in_child(std::string (*task)()) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return system_error(errno, "pipe");
  const UniqueFd from(ends[0]);
  UniqueFd into(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return system_error(errno, "fork");
  if (child == 0) {
    const std::string answer = task();
    const bool written = ::write(into.get(), answer.data(), answer.size()) >= 0;
    ::_exit(written ? 0 : 1);  // no destructors: the parent's probes are not ours
  }
  into.reset();
  std::string answer;
  std::array<char, 4096> piece{};
  ssize_t got = 0;
  while ((got = ::read(from.get(), piece.data(), piece.size())) > 0)
    answer.append(piece.data(), static_cast<std::size_t>(got));
  ::waitpid(child, nullptr, 0);
  return answer;
}

}  // namespace kprobed::ringbuf
