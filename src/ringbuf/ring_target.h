// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace kprobed::ringbuf {

/// Where a trace event's records go: the ring of one CPU, known by its leader. Whoever uses it sees
/// to it that the ring lives.
struct RingTarget {
  unsigned cpu = 0;
  int leader_fd = -1;
};

}  // namespace kprobed::ringbuf
