// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/progress_line.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "base/format.h"
#include "base/text.h"
#include "kprobectl/report.h"

namespace kprobed::kprobectl {

namespace {
/// A terminal whose user waits for this process: no job in the background, which would write over
/// what the foreground shows, and whose SIGINT is often ignored ("kprobectl ... &" in a script).
bool is_ours(int fd) {
  if (::isatty(fd) != 1) return false;
  const pid_t foreground = ::tcgetpgrp(fd);  // -1: it is not the one that controls this process
  if (foreground > 0 && foreground != ::getpgrp()) return false;
  struct sigaction interrupt {};
  ::sigaction(SIGINT, nullptr, &interrupt);
  return interrupt.sa_handler != SIG_IGN;
}
}  // namespace

ProgressLine::ProgressLine(std::string done, int fd, Milliseconds patience)
    : done_(std::move(done)), fd_(fd), patience_(patience) {
  if (is_ours(fd)) stop_.emplace();
}

ProgressLine::~ProgressLine() {
  wipe();
  if (stop_) stop_->restore();
}

void ProgressLine::progress(const wire::Progress& progress) {
  last_ = progress;
  tick();
}

void ProgressLine::tick() {
  const auto waited = Clock::now() - begin_;
  if (!stop_ || waited < patience_) return;
  if (last_.all != 0) {
    write(
        format("{} {} of {} probes", done_, with_thousands(last_.done), with_thousands(last_.all)));
  } else {
    write(format("kprobed is at work: {} s",
                 std::chrono::duration_cast<std::chrono::seconds>(waited).count()));
  }
}

void ProgressLine::wipe() { write({}); }

void ProgressLine::end_if_stopped() {
  if (!stopped()) return;
  wipe();
  say("stopped waiting; kprobed goes on with it. 'kprobectl list' shows how far it is, "
      "'kprobectl remove' takes probes out again ('remove --all' also what is still to come)");
  stop_->end_process();
}

void ProgressLine::write(std::string text) {
  if (text == shown_) return;
  // Blanks over what was longer: any terminal knows that.
  std::string out = "\r" + text;
  if (shown_.size() > text.size()) {
    out.append(shown_.size() - text.size(), ' ');
    out += "\r" + text;
  }
  shown_ = std::move(text);
  // What a terminal does not take now is not missed.
  pollfd takes{.fd = fd_, .events = POLLOUT, .revents = 0};
  if (::poll(&takes, 1, 0) != 1) return;
  if (::write(fd_, out.data(), out.size()) < 0) return;
}

}  // namespace kprobed::kprobectl
