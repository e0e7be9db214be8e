// SPDX-License-Identifier: Apache-2.0
//
// What is kept of probes for their ledgers. A probe may be in the kernel several times, one after
// the other, and may share its event; perf counts by event, the profile by line, the pump by
// probe. The control thread's. For probe_*.cc only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "stream/event_plan.h"
#include "stream/ledger.h"

namespace kprobed::engine {

inline constexpr stream::LedgerTerms kNothingYet{.hits = 0,
                                                 .missed = 0,
                                                 .unattached = 0,
                                                 .kernel_dropped = 0,
                                                 .filtered = 0,
                                                 .sampled_out = 0,
                                                 .lost = 0,
                                                 .seen = 0};

/// One event of the kernel's, from its first probe to its last.
struct EventAccount {
  std::string name;        ///< private name in tracefs, or GROUP/EVENT
  bool profiled = false;   ///< the kernel counts its hits, too
  std::uint64_t arms = 0;  ///< probes that were ever in it
  /// The pump's pressed() when it was opened: as long as that stays, nothing can have been lost.
  std::uint64_t pressed_at_open = 0;
  stream::Attachment attachment;
  /// Samples that none of its probes claims.
  std::shared_ptr<stream::ProbeTally> strays = std::make_shared<stream::ProbeTally>();
  stream::LedgerTerms gone = kNothingYet;     ///< of probes that have left it
  std::optional<stream::LedgerTerms> closed;  ///< how it ended

  bool shared() const { return arms > 1; }
};

struct ProbeAccount {
  std::string name;
  bool removed = false;                    ///< no longer in the table
  stream::LedgerTerms past = kNothingYet;  ///< of its times in the kernel that are over
  /// Events that it shared when it left them, the newest last; of older ones nothing is told.
  std::vector<std::shared_ptr<EventAccount>> events;
  std::optional<stream::LedgerTerms> told;  ///< by the last `ledger` line
};

/// One time of a probe in the kernel.
struct ArmAccount {
  std::shared_ptr<ProbeAccount> probe;
  std::shared_ptr<EventAccount> event;
  std::shared_ptr<stream::ProbeTally> tally;
  /// kprobe_profile begins anew at 0 when its module is loaded again.
  std::uint64_t missed_before = 0, missed_last = 0;

  std::uint64_t missed(std::uint64_t now) {
    if (now < missed_last) missed_before += missed_last;
    missed_last = now;
    return missed_before + now;
  }
};

}  // namespace kprobed::engine
