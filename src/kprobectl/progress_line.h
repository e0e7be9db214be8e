// SPDX-License-Identifier: Apache-2.0
//
// One line on a terminal that says how far a request is that takes the kernel a while, rewritten as
// that goes on and wiped in the end.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "kprobectl/connection.h"
#include "kprobectl/stop_signal.h"

namespace kprobed::kprobectl {

class ProgressLine final : public Meanwhile {
 public:
  using Milliseconds = std::chrono::milliseconds;

  /// `done`: what the probes are then, "armed". On `fd` if that is a terminal, and once it takes
  /// longer than `patience`.
  explicit ProgressLine(std::string done, int fd = 2, Milliseconds patience = Milliseconds(1000));
  /// wipe().
  ~ProgressLine() override;
  ProgressLine(const ProgressLine&) = delete;

  void progress(const wire::Progress& progress) override;
  void tick() override;
  /// Ctrl-C and the like, if it was on a terminal.
  bool stopped() override { return stop_ && stop_->arrived(); }

  /// Before anything else is written to that terminal.
  void wipe();
  /// If it was stopped: says so and what becomes of the request, then ends the process as the
  /// signal would have.
  void end_if_stopped();

 private:
  using Clock = std::chrono::steady_clock;

  void write(std::string text);

  std::string done_;
  int fd_;
  std::optional<StopSignal> stop_;  ///< of a terminal
  Clock::time_point begin_ = Clock::now();
  Milliseconds patience_;
  wire::Progress last_;
  std::string shown_;
};

/// Asks for something that may take a while, and shows on the terminal how far it is.
template <typename Reply>
Result<Reply> ask_showing(Connection& daemon, std::string done, wire::RequestBody body,
                          std::shared_ptr<const Source> sent = nullptr) {
  ProgressLine line(std::move(done));
  auto reply = daemon.ask_for<Reply>(std::move(body), std::move(sent), &line);
  if (!reply.ok()) line.end_if_stopped();
  return reply;
}

}  // namespace kprobed::kprobectl
