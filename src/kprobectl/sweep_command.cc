// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/sweep_command.h"

#include "base/format.h"
#include "kprobectl/exit_code.h"
#include "kprobectl/report.h"
#include "tracefs/sweep.h"

namespace kprobed::kprobectl {

namespace {

/// A killed process's descriptors close one after the other, each after an RCU grace period.
constexpr std::chrono::seconds kSweepPatience{20};

std::string probes(std::size_t count) {
  return format("{} {}", count, count == 1 ? "probe" : "probes");
}

int tell(const tracefs::SweepReport& report, bool quiet) {
  if (!quiet && !report.removed.empty()) {
    say(format("removed {} that a killed kprobectl had left", probes(report.removed.size())));
  }
  if (!quiet && !report.not_judged.empty()) {
    say(
        format("left {} of other runs alone: whether those runs live cannot be told from inside a "
               "container (pid namespace)",
               probes(report.not_judged.size())));
  }
  for (const tracefs::Leftover& left : report.failed) {
    say(format("could not remove '{}': {}", left.probe.text, left.why));
  }
  return report.failed.empty() ? kDone : kFailed;
}

}  // namespace

int sweep() {
  auto machine_tracefs = engine::open_tracefs_for_arming();
  if (!machine_tracefs.ok()) return report(machine_tracefs.error());
  auto swept = tracefs::sweep(*machine_tracefs, kSweepPatience);
  if (!swept.ok()) return report(swept.error());
  const int status = tell(*swept, false);
  if (swept->removed.empty() && swept->failed.empty() && swept->not_judged.empty()) {
    say("nothing was left");
  }
  return status;
}

void sweep_before_arming(const engine::Machine& machine, bool quiet) {
  auto swept = tracefs::sweep(machine.tracefs, kSweepPatience);
  if (swept.ok()) {
    tell(*swept, quiet);
  } else {
    say("looking for leftovers: " + describe(swept.error()));
  }
}

}  // namespace kprobed::kprobectl
