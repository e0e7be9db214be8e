// SPDX-License-Identifier: Apache-2.0
//
// An event's arguments in JSON. Nothing is allocated while `out` has capacity.
#pragma once

#include <string>

#include "stream/event_plan.h"

namespace kprobed::stream {

/// What an event's arguments need besides their values.
struct ArgFindings {
  bool malformed = false;  ///< a field points outside the record
  bool faults = false;     ///< append_faults() has something to say
  bool bytes = false;      ///< append_bytes() has
};

/// `,"args":{"fd":3,"path":"/etc"}`. `names` is asked for symbols.
ArgFindings append_args(const Event& event, const AddressNames& names, std::string& out);

/// `,"faults":{"path":"unreadable","names[1]":"unreadable"}`
void append_faults(const Event& event, std::string& out);

/// `,"bytes":{"path":"78ff41"}`: the texts that are not UTF-8.
void append_bytes(const Event& event, std::string& out);

}  // namespace kprobed::stream
