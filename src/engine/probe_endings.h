// SPDX-License-Identifier: Apache-2.0
//
// What is known of a probe's time in the kernel right before it is over. For probe_table.cc and
// probe_endings.cc only.
#pragma once

#include <memory>

#include "engine/probe_account.h"
#include "engine/probe_table.h"

namespace kprobed::engine {

struct ProbeTable::Ending {
  std::shared_ptr<ArmAccount> arm;  ///< null: nobody asks
  bool last = false;                ///< its event ends with it
  stream::LedgerTerms event;
  stream::Known hits, missed;
  std::optional<ringbuf::EventCounts> sampled;  ///< if it ever was: how many samples were made
};

}  // namespace kprobed::engine
