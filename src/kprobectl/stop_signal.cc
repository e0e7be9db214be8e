// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/stop_signal.h"

namespace kprobed::kprobectl {

namespace {
volatile sig_atomic_t stop_arrived = 0;
void note_stop(int signal) { stop_arrived = signal; }
}  // namespace

StopSignal::StopSignal() {
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, nullptr);
  ::sigaction(SIGXFSZ, &ignore, nullptr);
  sigset_t stops;
  sigemptyset(&stops);
  for (std::size_t i = 0; i < kStops.size(); ++i) {
    const int stop = kStops[i];
    struct sigaction note {};
    struct sigaction& inherited = inherited_[i];
    ::sigaction(stop, nullptr, &inherited);
    // nohup(1). An ignored SIGINT means less: that is how shells start what ends in '&'.
    if (stop == SIGHUP && inherited.sa_handler == SIG_IGN) continue;
    note.sa_handler = note_stop;  // no SA_RESTART: a blocked write shall return
    ::sigaction(stop, &note, nullptr);
    sigaddset(&stops, stop);
  }
  ::sigprocmask(SIG_BLOCK, &stops, &before_);
  outside_ = before_;
  for (const int stop : kStops) sigdelset(&outside_, stop);
}

int StopSignal::signal() {
  if (stop_arrived != 0) return stop_arrived;
  // Blocked, so perhaps only pending.
  sigset_t pending;
  ::sigpending(&pending);
  for (const int stop : kStops) {
    if (sigismember(&pending, stop) == 1) return stop;
  }
  return 0;
}

void StopSignal::end_process() {
  const int stop = signal();
  if (stop == 0) return;
  ::signal(stop, SIG_DFL);
  ::raise(stop);
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, stop);
  ::sigprocmask(SIG_UNBLOCK, &one, nullptr);
}

void StopSignal::restore() {
  for (std::size_t i = 0; i < kStops.size(); ++i) {
    ::sigaction(kStops[i], &inherited_[i], nullptr);
  }
  ::sigprocmask(SIG_SETMASK, &before_, nullptr);
}

void StopSignal::wait(std::span<pollfd> fds, std::chrono::milliseconds timeout) {
  const timespec limit{
      .tv_sec = static_cast<decltype(timespec::tv_sec)>(timeout.count() / 1000),
      .tv_nsec = static_cast<decltype(timespec::tv_nsec)>((timeout.count() % 1000) * 1'000'000)};
  ::ppoll(fds.data(), fds.size(), &limit, &outside_);
}

}  // namespace kprobed::kprobectl
