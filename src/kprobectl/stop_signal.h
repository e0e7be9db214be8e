// SPDX-License-Identifier: Apache-2.0
//
// SIGINT, SIGTERM and SIGHUP as a question one may ask, so that whoever holds probes always gets to
// take them away.
#pragma once

#include <poll.h>
#include <signal.h>

#include <array>
#include <chrono>
#include <span>

namespace kprobed::kprobectl {

/// One per program. From construction on those signals no longer end the process and are blocked
/// but in wait(), and SIGPIPE and SIGXFSZ are ignored (write gives EPIPE and EFBIG). A SIGHUP that
/// the caller has ignored (nohup) stays so.
class StopSignal {
 public:
  StopSignal();

  /// Has one arrived?
  bool arrived() const { return signal() != 0; }
  /// What one that has arrived would have done without all this; returns if none has.
  void end_process();
  /// For the rest of the program they do again what they did before, one that has come and was not
  /// let in included.
  void restore();

  /// ppoll(2) with the signals let in; returns when a descriptor is ready, a signal arrived, or
  /// `timeout` is over.
  void wait(std::span<pollfd> fds, std::chrono::milliseconds timeout);

 private:
  static constexpr std::array kStops = {SIGINT, SIGTERM, SIGHUP};
  /// Which one; 0: none.
  static int signal();

  std::array<struct sigaction, kStops.size()> inherited_{};
  sigset_t outside_{};  ///< the mask during wait()
  sigset_t before_{};   ///< the mask before all this
};

}  // namespace kprobed::kprobectl
