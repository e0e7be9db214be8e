// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/progress_line.h"

#include <unistd.h>

#include "base/format.h"
#include "base/text.h"
#include "kprobectl/report.h"

namespace kprobed::kprobectl {

ProgressLine::ProgressLine(std::string done, int fd, Milliseconds patience)
    : done_(std::move(done)), fd_(fd), patience_(patience) {
  if (::isatty(fd) == 1) stop_.emplace();
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
  // What a terminal does not take is not missed.
  if (::write(fd_, out.data(), out.size()) < 0) return;
}

}  // namespace kprobed::kprobectl
