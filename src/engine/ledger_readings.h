// SPDX-License-Identifier: Apache-2.0
//
// What the kernel's counters said of some events at one time. For probe_ledger.cc and
// probe_endings.cc only.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "engine/line_counts.h"
#include "engine/probe_account.h"
#include "engine/probe_table.h"

namespace kprobed::engine {

struct ProbeTable::Readings {
  struct Event {
    // While hits go on they are others after the profile was read than before.
    std::optional<ringbuf::Passed> before, after;
    std::optional<ringbuf::EventCounts> counts;

    /// If both are there.
    stream::Attachment::Seen seen() const { return {before->seen, after->seen}; }
    bool moved() const { return before && after && before->seen != after->seen; }
  };
  std::map<const EventGroup*, Event> events;
  std::optional<LineBook> lines;
  std::vector<const ArmedProbe*> armed;  ///< all that is in the kernel
  std::uint64_t pressed = 0;             ///< the pump's

  stream::Known hits_of(const EventGroup& group) const;
};

/// What the pump has counted, on top of `terms`.
void add_tally(const stream::ProbeTally& tally, stream::LedgerTerms& terms);

/// Of one time of a probe in the kernel, in an event of these terms.
stream::LedgerTerms own_terms(const ArmAccount& arm, const stream::LedgerTerms& event,
                              stream::Known hits, stream::Known missed);

}  // namespace kprobed::engine
