// SPDX-License-Identifier: Apache-2.0
//
// The lines that follow a subscription, as plain values (docs/protocol.md), for those who read
// them. Room `stream` writes them, by the million; only a gap, which one client gets on its own, is
// written here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "wire/messages.h"

namespace kprobed::wire {

/// An event for people's eyes. What is null or left out on the wire is "", 0 or false here.
struct EventLine {
  std::uint64_t seq = 0, ts = 0;
  std::string time, comm, probe, kind, symbol, caller;
  std::uint64_t offset = 0, caller_offset = 0;
  std::uint32_t cpu = 0, pid = 0, tid = 0;
  bool late = false;
  struct Arg {
    std::string name = {}, value = {};  ///< as text; the reason where it is a fault
    bool quoted = false;                ///< a string that the kernel recorded as text
    bool fault = false;                 ///< the value could not be read; then value is its reason
    std::string format = {};            ///< of the schema; "" before apply_schema()
    struct Element {
      std::string value;
      bool fault = false;
      bool operator==(const Element&) const = default;
    };
    bool array = false;  ///< then its values are here; of strings `quoted` is said of all
    std::vector<Element> elements = {};

    bool operator==(const Arg&) const = default;
  };
  std::vector<Arg> args;         ///< in the line's order
  std::string caller_address;    ///< "0x...": instead of `caller`, where it has no symbol
  std::string path;              ///< of the program; "" in the kernel
  std::uint32_t generation = 0;  ///< of a probe in a module: which of its stays, from 1
  /// The probe has several functions, so that `symbol` tells more than its name; known after
  /// apply_schema().
  bool several = false;

  bool operator==(const EventLine&) const = default;
};

/// How one probe's events are to be read; comes before the first of them.
struct SchemaLine {
  std::string probe, kind, spec, symbol;
  std::uint64_t offset = 0;
  struct Arg {
    std::string name;
    std::string type;             ///< "number", "string", "boolean", "array"
    std::string format;           ///< "unsigned", "signed", "hex", "text", "enumeration", ...
    std::string items = {};       ///< of an array: the type of its elements
    std::string c_type = {};      ///< "" where unknown
    std::string unreadable = {};  ///< "null", "zero", "stale"; "": cannot happen

    bool operator==(const Arg&) const = default;
  };
  std::vector<Arg> args;
  std::string path = {};                  ///< of the program; "" in the kernel
  std::vector<std::string> members = {};  ///< functions of a probe that has several

  bool operator==(const SchemaLine&) const = default;
};

/// `count` events found no room in the ring of `cpu`.
struct LostLine {
  std::uint64_t seq = 0;
  std::string time;
  std::uint64_t ts = 0;
  std::uint32_t cpu = 0;
  std::uint64_t count = 0;
  bool tail = false;  ///< nothing came behind them

  bool operator==(const LostLine&) const = default;
};

/// What has become of a probe's hits so far; of an event that several share, `probe` is "".
struct LedgerLine {
  std::uint64_t seq = 0;
  std::string time;
  std::uint64_t ts = 0;
  std::string probe, event;
  bool live = false;
  LedgerTerms terms;

  bool operator==(const LedgerLine&) const = default;
};

/// This client was too slow: lines `from` to `to`, both included, have left the log.
struct DroppedLine {
  std::uint64_t from = 0, to = 0;

  bool operator==(const DroppedLine&) const = default;
};

/// A probe came into another state, or was "removed".
struct ProbeLine {
  std::uint64_t seq = 0;
  std::string time;
  std::uint64_t ts = 0;
  std::string probe, state;
  std::string reason;  ///< may be empty

  bool operator==(const ProbeLine&) const = default;
};

/// The CPU's rings were opened ("online") or closed ("offline").
struct CpuLine {
  std::uint64_t seq = 0;
  std::string time;
  std::uint64_t ts = 0;
  std::uint32_t cpu = 0;
  std::string state;
  std::string reason;  ///< may be empty

  bool operator==(const CpuLine&) const = default;
};

/// `count` events of a probe are left out, since it is not known what they mean.
struct DiscardedLine {
  std::uint64_t seq = 0;
  std::string time;
  std::uint64_t ts = 0;
  std::string probe;
  std::uint64_t count = 0;
  std::string reason;

  bool operator==(const DiscardedLine&) const = default;
};

/// How much of a probe is recorded from here on: see SamplingNote of the stream room.
struct SamplingLine {
  std::uint64_t seq = 0;
  std::string time;
  std::uint64_t ts = 0;
  std::string probe;
  std::string level;
  std::uint64_t period = 0, hits = 0, events = 0;
  std::string reason;

  bool operator==(const SamplingLine&) const = default;
};

/// The wall clock was set: `time` of this line and of all later ones is by the new setting.
struct ClockLine {
  std::uint64_t seq = 0;
  std::string time;
  std::uint64_t ts = 0;
  std::int64_t step_ns = 0;  ///< the change since before

  bool operator==(const ClockLine&) const = default;
};

/// A resume cannot go on where the client left off; how much is missing is unknown.
struct GapLine {
  std::string stream;      ///< the stream the client is in now
  std::uint64_t from = 0;  ///< seq of the first line it may get of it
  std::string reason;      ///< one of kGap...

  bool operator==(const GapLine&) const = default;
};
inline constexpr std::string_view kGapRestart = "restart";  ///< the client named another stream
inline constexpr std::string_view kGapAhead = "ahead";      ///< a seq that this stream never had
/// A seq that has left the log. Reserved: our daemon says exactly which lines are gone
/// (DroppedLine).
inline constexpr std::string_view kGapTooOld = "too_old";

/// A line of a daemon that is newer than this program.
struct UnknownLine {
  std::string type;

  bool operator==(const UnknownLine&) const = default;
};

using StreamLine =
    std::variant<EventLine, SchemaLine, LostLine, DroppedLine, ProbeLine, CpuLine, DiscardedLine,
                 SamplingLine, LedgerLine, ClockLine, GapLine, UnknownLine>;

}  // namespace kprobed::wire
