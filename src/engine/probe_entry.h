// SPDX-License-Identifier: Apache-2.0
//
// What the table knows of one probe. For probe_table.cc, probe_arming.cc and probe_status.cc only.
#pragma once

#include "engine/probe_account.h"
#include "engine/probe_table.h"

namespace kprobed::engine {

struct ProbeTable::Entry {
  std::string name;
  ProbeWish wish;
  resolve::ResolvedProbe resolved;  ///< of a held probe: only its spec
  std::unique_ptr<ArmedProbe> armed;
  ProbeState state = ProbeState::pending;
  bool awaited = false;                 ///< its module is not loaded, or `missing` says why
  std::string missing;                  ///< as in ResolvedProbe; then it is not armed
  bool misses_cpus = false;             ///< it could not be opened on all of them
  std::string module;                   ///< that all of it is in; "" if there is none
  bool checked = true;                  ///< `resolved` was found while that module was loaded
  std::shared_ptr<ModuleGate> gate;     ///< of that module, while it is armed
  std::optional<std::string> build_id;  ///< of the build that `resolved` is for
  std::string reason;
  std::uint64_t since_ns = 0, added_ns = 0;  ///< CLOCK_REALTIME
  /// Since it was armed; of times before that only how many it published.
  std::shared_ptr<stream::ProbeTally> tally = std::make_shared<stream::ProbeTally>();
  std::uint64_t earlier_published = 0;
  std::uint64_t batch = 0;  ///< of the request that brought it, while there is more of that
  std::shared_ptr<ProbeAccount> account = std::make_shared<ProbeAccount>();
  unsigned max_active = 0;        ///< of a return probe for which the kernel's default was too few
  std::uint64_t missed_then = 0;  ///< when that was looked at last
  std::uint32_t number = 0;       ///< in the directory, while nothing is armed; 0: it has none yet
  bool alone = false;  ///< too busy for an event that it shares: the governor has moved it
  unsigned hot = 0;    ///< looks in a row at which it was, within such an event
  std::uint64_t governed_read = 0;         ///< of its samples, at the governor's last look
  std::uint64_t begin_period = kEveryHit;  ///< when it is armed next
  unsigned times_off = 0;                  ///< taken out by the governor, one after the other
  unsigned tries = 0;                      ///< that failed one after the other, in state `retried`
  std::uint64_t retry_ns = 0;              ///< monotonic: when the next one is due
  std::uint64_t rate_count = 0, rate_ns = 0, rate_before_count = 0, rate_before_ns = 0;

  std::uint64_t published() const {
    return earlier_published + tally->published.load(std::memory_order_relaxed);
  }
};

/// Is that a refusal of the moment, after which trying again may help?
bool may_pass(const Error& error);
Cause cause_of(const Error& error);

}  // namespace kprobed::engine
