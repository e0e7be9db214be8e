// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/stop_signal.h"

namespace kprobed::kprobectl {

namespace {
volatile sig_atomic_t stop_arrived = 0;
void note_stop(int) { stop_arrived = 1; }
constexpr int kStops[] = {SIGINT, SIGTERM, SIGHUP};
}  // namespace

StopSignal::StopSignal() {
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, nullptr);
  ::sigaction(SIGXFSZ, &ignore, nullptr);
  sigset_t stops;
  sigemptyset(&stops);
  for (const int stop : kStops) {
    struct sigaction note {
    }, inherited{};
    ::sigaction(stop, nullptr, &inherited);
    // nohup(1). An ignored SIGINT means less: that is how shells start what ends in '&'.
    if (stop == SIGHUP && inherited.sa_handler == SIG_IGN) continue;
    note.sa_handler = note_stop;  // no SA_RESTART: a blocked write shall return
    ::sigaction(stop, &note, nullptr);
    sigaddset(&stops, stop);
  }
  ::sigprocmask(SIG_BLOCK, &stops, &outside_);
  for (const int stop : kStops) sigdelset(&outside_, stop);
}

bool StopSignal::arrived() const {
  if (stop_arrived != 0) return true;
  // Blocked, so perhaps only pending.
  sigset_t pending;
  ::sigpending(&pending);
  for (const int stop : kStops) {
    if (sigismember(&pending, stop) == 1) return true;
  }
  return false;
}

void StopSignal::wait(std::span<pollfd> fds, std::chrono::milliseconds timeout) {
  const timespec limit{
      .tv_sec = static_cast<decltype(timespec::tv_sec)>(timeout.count() / 1000),
      .tv_nsec = static_cast<decltype(timespec::tv_nsec)>((timeout.count() % 1000) * 1'000'000)};
  ::ppoll(fds.data(), fds.size(), &limit, &outside_);
}

}  // namespace kprobed::kprobectl
