// SPDX-License-Identifier: Apache-2.0
//
// What the table knows of one probe. For probe_table.cc, probe_arming.cc and probe_status.cc only.
#pragma once

#include "engine/probe_table.h"

namespace kprobed::engine {

struct ProbeTable::Entry {
  std::string name;
  ProbeWish wish;
  resolve::ResolvedProbe resolved;  ///< of a held probe: only its spec
  std::unique_ptr<ArmedProbe> armed;
  ProbeState state = ProbeState::armed;
  std::string reason;
  std::uint64_t since_ns = 0, added_ns = 0;  ///< CLOCK_REALTIME
  std::shared_ptr<stream::ProbeTally> tally = std::make_shared<stream::ProbeTally>();
  std::uint64_t rate_count = 0, rate_ns = 0, rate_before_count = 0, rate_before_ns = 0;
};

}  // namespace kprobed::engine
