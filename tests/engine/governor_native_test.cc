// SPDX-License-Identifier: Apache-2.0
//
// The governor on the running kernel, fed by tracepoints. Needs root and tracefs.
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "live_control.h"

namespace kprobed::engine {
namespace {

class GovernorTest : public LiveControl {
 protected:
  GovernorTest() : LiveControl(std::size_t{64} << 20) {}

  /// From a process of its own, since ours is excluded: until it is killed.
  static pid_t call(long number, useconds_t pause_us) {
    const pid_t child = ::fork();
    while (child == 0) {
      ::syscall(number, -1, 0, 0);
      if (pause_us != 0) ::usleep(pause_us);
    }
    return child;
  }
  bool is_recorded_whole(const std::string& name) {
    const auto status =
        answer_of<EngineStatus>([&](auto answer) { control->status(std::move(answer)); });
    for (const ProbeStatus& probe : status.probes) {
      if (probe.name == name) return probe.state == ProbeState::armed && probe.period == kEveryHit;
    }
    return false;
  }
};

TEST_F(GovernorTest, ABusyProbeIsNoReasonToSilenceARareOne) {
  ControlOptions options;
  // The busy one is far over both budgets, even on a busy machine; the rare one takes 0.05 %.
  options.budget = {.probe_share = 0.01, .total_share = 0.012};
  start(std::move(options));
  ASSERT_EQ(add("t:busy syscalls/sys_enter_dup3 newfd"), "busy");
  ASSERT_EQ(add("t:rare syscalls/sys_enter_fchmod mode"), "rare");
  const pid_t busy = call(SYS_dup3, 0), rare = call(SYS_fchmod, 2'000);
  ASSERT_GT(busy, 0);
  ASSERT_GT(rare, 0);
  for (int tries = 0; tries < 600 && is_recorded_whole("busy"); ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_FALSE(is_recorded_whole("busy"));
  EXPECT_TRUE(is_recorded_whole("rare"));
  for (const pid_t child : {busy, rare}) {
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }
}

}  // namespace
}  // namespace kprobed::engine
