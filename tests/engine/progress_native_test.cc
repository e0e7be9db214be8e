// SPDX-License-Identifier: Apache-2.0
//
// Who waits for many probes to come or go hears how far that is: before the answer, ever further,
// and never often. With tracepoints for probes. Needs root and tracefs.
#include <gmock/gmock.h>

#include <filesystem>

#include "base/format.h"
#include "engine/clocks.h"
#include "live_control.h"
#include "tracefs/tracefs.h"

namespace kprobed::engine {
namespace {

class ProgressTest : public LiveControl {
 protected:
  struct Step {
    std::size_t done, all;
    std::uint64_t at_ns;
  };

  /// Written on the control thread, and read after its answer.
  Progress note() {
    steps_.clear();
    begin_ns_ = monotonic_ns();
    return [this](std::size_t done, std::size_t all) {
      steps_.push_back({done, all, monotonic_ns()});
    };
  }
  void expect_steps(std::size_t all, bool some) {
    if (some) {
      EXPECT_GE(steps_.size(), 2u);
    }
    std::uint64_t before_ns = begin_ns_;
    std::size_t before = 0;
    for (const Step& step : steps_) {
      EXPECT_EQ(step.all, all);
      EXPECT_LE(step.done, all);
      EXPECT_GE(step.done, before);
      EXPECT_GE(step.at_ns - before_ns, ProgressTeller::kEveryNs);
      before = step.done;
      before_ns = step.at_ns;
    }
  }

  std::string specs(std::size_t count) const {
    const auto tracefs = tracefs::Tracefs::find(true);
    EXPECT_TRUE(tracefs.ok());
    std::string text;
    for (const auto& entry :
         std::filesystem::directory_iterator(tracefs->path("events/syscalls"))) {
      const std::string name = entry.path().filename();
      if (name.starts_with("sys_exit_") && count-- > 0) text += format("t syscalls/{}\n", name);
      if (count == 0) break;
    }
    return text;
  }

  std::vector<Step> steps_;
  std::uint64_t begin_ns_ = 0;
};

TEST_F(ProgressTest, OfAllThatMayTakeAWhile) {
  constexpr std::size_t kMany = 60;  // whose removal takes a second and more
  start();
  AddRequest request;
  request.source = std::make_shared<Source>(Source{"test", specs(kMany)});
  request.disabled = true;
  const auto added = answer_of<std::vector<ProbeStatus>>(
      [&](auto answer) { control->add(request, std::move(answer), note()); });
  ASSERT_EQ(added.size(), kMany);
  expect_steps(kMany, false);  // a fast machine needs no fifth of a second

  const Selection all{.globs = {"*"}, .all = false};
  answer_of<std::vector<std::string>>([&](auto answer) {
    control->set_enabled({.globs = {}, .all = true}, false, std::move(answer), note());
  });
  expect_steps(kMany, true);
  answer_of<std::vector<std::string>>(
      [&](auto answer) { control->set_enabled(all, true, std::move(answer), note()); });
  expect_steps(kMany, false);
  request.source = std::make_shared<Source>(Source{"test", "t:one sched/sched_switch\n"});
  answer_of<ApplyOutcome>([&](auto answer) { control->apply(request, std::move(answer), note()); });
  expect_steps(kMany + 1, true);
  EXPECT_GT(steps_.back().done, kMany / 2);
  answer_of<std::vector<std::string>>(
      [&](auto answer) { control->remove(all, std::move(answer), note()); });
  expect_steps(1, false);
}

}  // namespace
}  // namespace kprobed::engine
