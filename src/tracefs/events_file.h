// SPDX-License-Identifier: Apache-2.0
//
// The files of tracefs that define events, and which of them is whose. dynamic_events takes the
// lines of all three, but it is the only one for fprobes ('f') and tracepoint probes ('t'): those
// alone are what is meant by it here (kernel/trace/trace_dynevent.c).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace kprobed::tracefs {

enum class EventsFile : std::uint8_t {
  kprobe,   ///< kprobe_events: 'p' and 'r' on kernel functions
  uprobe,   ///< uprobe_events: 'p' and 'r' on "/path:0xOFFSET"
  dynamic,  ///< dynamic_events: 'f' on kernel functions, 't' on tracepoints (6.5)
};

inline constexpr std::array kEventsFiles = {EventsFile::kprobe, EventsFile::uprobe,
                                            EventsFile::dynamic};

/// Its name below tracefs' root.
constexpr std::string_view file_name(EventsFile file) {
  switch (file) {
    case EventsFile::kprobe:
      return "kprobe_events";
    case EventsFile::uprobe:
      return "uprobe_events";
    case EventsFile::dynamic:
      break;
  }
  return "dynamic_events";
}

}  // namespace kprobed::tracefs
