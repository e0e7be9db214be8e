// SPDX-License-Identifier: Apache-2.0
//
// What the daemon asks of the engine, so that sessions can be tried without a kernel.
#pragma once

#include <string>
#include <vector>

#include "engine/control.h"

namespace kprobed::daemon {

/// As engine::Control: each call returns at once, its answer may come on any thread.
class EnginePort {
 public:
  virtual ~EnginePort() = default;
  virtual void add(engine::AddRequest request,
                   engine::Answer<std::vector<engine::ProbeStatus>> answer,
                   engine::Progress progress) = 0;
  virtual void remove(engine::Selection which, engine::Answer<std::vector<std::string>> answer,
                      engine::Progress progress) = 0;
  virtual void set_enabled(engine::Selection which, bool enabled,
                           engine::Answer<std::vector<std::string>> answer,
                           engine::Progress progress) = 0;
  virtual void apply(engine::AddRequest request, engine::Answer<engine::ApplyOutcome> answer,
                     engine::Progress progress) = 0;
  virtual void list(engine::Answer<std::vector<engine::ProbeStatus>> answer) = 0;
  virtual void status(engine::Answer<engine::EngineStatus> answer) = 0;
  virtual void ledger(engine::Selection which, engine::Answer<engine::LedgerReport> answer) = 0;
  virtual void check(engine::AddRequest request, engine::Answer<std::string> answer) = 0;
};

/// The engine itself. `control` must outlive this.
class ControlPort final : public EnginePort {
 public:
  explicit ControlPort(engine::Control& control) : control_(control) {}
  void add(engine::AddRequest request, engine::Answer<std::vector<engine::ProbeStatus>> answer,
           engine::Progress progress) override {
    control_.add(std::move(request), std::move(answer), std::move(progress));
  }
  void remove(engine::Selection which, engine::Answer<std::vector<std::string>> answer,
              engine::Progress progress) override {
    control_.remove(std::move(which), std::move(answer), std::move(progress));
  }
  void set_enabled(engine::Selection which, bool enabled,
                   engine::Answer<std::vector<std::string>> answer,
                   engine::Progress progress) override {
    control_.set_enabled(std::move(which), enabled, std::move(answer), std::move(progress));
  }
  void apply(engine::AddRequest request, engine::Answer<engine::ApplyOutcome> answer,
             engine::Progress progress) override {
    control_.apply(std::move(request), std::move(answer), std::move(progress));
  }
  void list(engine::Answer<std::vector<engine::ProbeStatus>> answer) override {
    control_.list(std::move(answer));
  }
  void status(engine::Answer<engine::EngineStatus> answer) override {
    control_.status(std::move(answer));
  }
  void ledger(engine::Selection which, engine::Answer<engine::LedgerReport> answer) override {
    control_.ledger(std::move(which), std::move(answer));
  }
  void check(engine::AddRequest request, engine::Answer<std::string> answer) override {
    control_.check(std::move(request), std::move(answer));
  }

 private:
  engine::Control& control_;
};

}  // namespace kprobed::daemon
