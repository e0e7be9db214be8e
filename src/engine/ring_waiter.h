// SPDX-License-Identifier: Apache-2.0
//
// How the pump sleeps. An epoll set: a wakeup costs as much with 256 CPUs as with two, where
// poll(2) would ask every ring each time it goes to sleep and again when it wakes.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace kprobed::engine {

class RingWaiter {
 public:
  /// Errors: EMFILE, ENFILE, ENOMEM of epoll_create1(2).
  static Result<RingWaiter> create();

  /// These are what is waited for from now on. They are edges: wait() ends for what has become
  /// readable since it ended last for that descriptor, and whoever waits looks at all of them.
  /// Where the kernel takes one not (ENOMEM, ENOSPC), wait() returns every 10 ms instead, which
  /// serves it.
  void watch(std::vector<int> fds);

  /// Until one is readable, for so long at most; to the microsecond.
  void wait(std::optional<std::chrono::microseconds> patience);

 private:
  explicit RingWaiter(UniqueFd epoll) : epoll_(std::move(epoll)) {}

  UniqueFd epoll_;
  std::vector<int> fds_;
  bool deaf_ = false;         ///< to one of them at least
  bool precise_wait_ = true;  ///< the kernel has epoll_pwait2(2): since 5.11
};

}  // namespace kprobed::engine
