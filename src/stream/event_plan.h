// SPDX-License-Identifier: Apache-2.0
//
// Everything about one armed probe that its events' lines need, decided when it is armed.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "decode/field_plan.h"
#include "decode/record.h"
#include "stream/ledger.h"

namespace kprobed::stream {

/// Names an address by the symbol that holds it. The engine implements it over kallsyms; this one
/// knows none.
class AddressNames {
 public:
  virtual ~AddressNames() = default;
  struct Place {
    std::string_view symbol;   ///< "" outside all known text; valid until the table is reloaded
    std::uint64_t offset = 0;  ///< from the symbol
    std::uint64_t size = 0;    ///< of the symbol: up to the next one; 0 if unknown
    std::string_view module;   ///< "" for the kernel itself
  };
  virtual Place place_of(std::uint64_t /*address*/) const { return {}; }
};

/// What the user sees of a probe.
struct ProbeLabel {
  std::string name;    ///< unique among the probes of one stream: "do_sys_openat2_ret"
  char kind = 'p';     ///< as the spec's first word: 'p', 'r', 'f', 't'
  std::string symbol;  ///< that holds the instruction; "group/event" for 't'; "" for none
  std::uint64_t offset = 0;
  std::string spec;       ///< the canonical text of what was asked for
  std::string path = {};  ///< of the program, for a uprobe; "" in the kernel
  /// The probe stands at `offset`, but so many bytes behind it (ResolvedProbe::entry_shift).
  std::uint64_t entry_shift = 0;
};

/// One function of a probe that has several: its events carry this symbol.
struct MemberLabel {
  std::uint64_t begin = 0, end = 0;  ///< addresses of its code
  std::string symbol;
};

/// What the schema says of a field beside its shape.
struct FieldNote {
  decode::Unreadable unreadable = decode::Unreadable::never;
  std::string c_type = {};  ///< "" where unknown
};

/// What became of a probe's events. The pump's thread writes, any thread reads.
struct ProbeTally {
  std::atomic<std::uint64_t> read{0};       ///< samples of it that were taken from the rings
  std::atomic<std::uint64_t> excluded{0};   ///< of those: caused by ourselves
  std::atomic<std::uint64_t> malformed{0};  ///< of those: contradict themselves
  std::atomic<std::uint64_t> discarded{0};  ///< of those: of a build of its module not meant
  std::atomic<std::uint64_t> published{0};  ///< of those: given out
  std::atomic<std::uint64_t> bytes{0};      ///< of their lines
  std::atomic<std::uint64_t> held{0};       ///< of those, now: it is not known what they mean
  std::atomic<std::uint64_t> unclaimed{0};  ///< samples taken while it was being removed
  std::atomic<std::uint64_t> last_ns{0};    ///< CLOCK_MONOTONIC of the newest event; 0: none yet
};

/// `by` more. Only one thread writes: a load and a store, and no locked instruction.
inline void bump(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) {
  counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

struct JsonProgram;

struct EventPlan {
  ProbeLabel label;
  decode::FieldPlan fields;
  std::vector<FieldNote> notes;       ///< one for each of fields.ops; or none
  std::vector<MemberLabel> members;   ///< by address; empty for a single place
  std::uint32_t number = 0;           ///< in the ProbeDirectory; 0 outside a log
  std::shared_ptr<ProbeTally> tally;  ///< null where nobody asks (`kprobectl run`)
  /// compile_json() of all this, once it is settled; null: its lines are made the plain way.
  std::shared_ptr<const JsonProgram> json = nullptr;
};

/// One sample on its way to a line. All views outlive the call they are passed to.
struct Event {
  const EventPlan* plan = nullptr;
  decode::Stamp stamp;
  Bytes raw;              ///< already checked: raw.size() >= plan->fields.min_bytes
  std::uint64_t seq = 0;  ///< of this stream, from 1
  std::string_view comm;  ///< of stamp.tid; "" if unknown
  bool late = false;      ///< older than what was already given out
  /// Of a probe in a module: which of the module's stays in the kernel it is of, from 1; else 0.
  std::uint32_t generation = 0;
};

/// Records that found no room in the ring of `stamp.cpu`.
struct LostNote {
  decode::Stamp stamp;
  std::uint64_t seq = 0;
  std::uint64_t count = 0;
  /// Nothing came behind them: the kernel's counters tell, and `stamp` is when they were asked.
  bool tail = false;
};

/// What has become of a probe's hits so far, or of the hits of all that share an event.
struct LedgerNote {
  std::uint64_t seq = 0;
  std::uint64_t time_ns = 0;  ///< CLOCK_MONOTONIC, of when that was so
  std::string probe;          ///< its name; "" for the event's own line
  std::string event;          ///< that it shares with others, or did; "" if none
  bool live = false;          ///< events may flow: not exact
  LedgerTerms terms;
};

/// A probe came into another state. Owns its texts, since whoever says so is not the pump.
struct ProbeNote {
  std::uint64_t seq = 0;
  std::uint64_t time_ns = 0;  ///< CLOCK_MONOTONIC
  std::string probe;          ///< its name
  std::string state;          ///< a word of docs/protocol.md
  std::string reason;         ///< for people; may be empty
};

/// A CPU came or went, and with it the rings that its events are read from.
struct CpuNote {
  std::uint64_t seq = 0;
  std::uint64_t time_ns = 0;  ///< CLOCK_MONOTONIC, of when it was noticed
  std::uint32_t cpu = 0;
  std::string state;   ///< a word of docs/protocol.md
  std::string reason;  ///< for people; may be empty
};

/// Events of a probe that nobody gets to see, since what they mean is not known.
struct DiscardedNote {
  std::uint64_t seq = 0;
  std::uint64_t time_ns = 0;  ///< CLOCK_MONOTONIC, of when that was decided
  std::string_view probe;     ///< its name
  std::uint64_t count = 0;
  std::string_view reason;  ///< for people
};

/// From here on a probe is recorded in another way, or still only in part; and what that came to
/// since the last such note.
struct SamplingNote {
  std::uint64_t seq = 0;
  std::uint64_t time_ns = 0;  ///< CLOCK_MONOTONIC
  std::string probe;          ///< its name
  std::string level;          ///< "full", "sampled", "counted", "off"
  std::uint64_t period = 1;   ///< of its hits one in so many is recorded from now on; 0: none
  std::uint64_t hits = 0;     ///< counted by the kernel since the last note, or since it was armed
  std::uint64_t events = 0;   ///< of those, recorded
  std::string reason;         ///< for people
};

/// The wall clock was set.
struct ClockNote {
  std::uint64_t seq = 0;
  std::uint64_t time_ns = 0;  ///< CLOCK_MONOTONIC, of when it was noticed
  std::int64_t step_ns = 0;   ///< how far it went; negative: back
};

}  // namespace kprobed::stream
