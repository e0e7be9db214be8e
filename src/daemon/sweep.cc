// SPDX-License-Identifier: Apache-2.0
#include "daemon/sweep.h"

#include "base/format.h"
#include "daemon/exit_code.h"
#include "daemon/journal.h"
#include "daemon/machine_claim.h"
#include "engine/machine.h"
#include "tracefs/sweep.h"

namespace kprobed::daemon {
namespace {

/// A killed daemon's descriptors close one after the other, each after an RCU grace period.
constexpr std::chrono::seconds kSweepPatience{60};

}  // namespace

int sweep_after_daemon() {
  const auto tracefs = engine::open_tracefs_for_arming();
  if (!tracefs.ok()) {
    // Without tracefs and kprobes there is nothing that could have been left.
    const ErrorCode code = tracefs.error().code;
    if (code == ErrorCode::no_tracefs || code == ErrorCode::no_kprobes) return kDone;
    journal::error(journal::one_line(tracefs.error()));
    return exit_code_of(tracefs.error());
  }
  const auto claim = claim_machine(*tracefs);
  if (!claim.ok()) {
    journal::info("a kprobed is running: nothing swept");
    return claim.error().code == ErrorCode::busy ? kDone : kFailed;
  }
  const auto listing = tracefs::list(*tracefs);
  if (!listing.ok()) {
    journal::error(journal::one_line(listing.error()));
    return exit_code_of(listing.error());
  }
  const tracefs::SweepReport report =
      tracefs::remove_all(*tracefs, tracefs::daemon_leftovers(*listing), kSweepPatience);
  if (!report.removed.empty()) {
    journal::warning(
        format("removed {} probes that a killed kprobed had left", report.removed.size()));
  }
  for (const tracefs::Leftover& left : report.failed) {
    journal::error(format("could not remove '{}': {}", left.probe.text, left.why));
  }
  return report.failed.empty() ? kDone : kFailed;
}

}  // namespace kprobed::daemon
