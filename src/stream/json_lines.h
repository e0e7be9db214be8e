// SPDX-License-Identifier: Apache-2.0
//
// The lines of the stream as JSON, one complete object each (docs/protocol.md): event, lost, probe,
// clock, schema. Appends to the caller's buffer, which keeps its capacity: nothing is allocated per
// event.
//
// An event has these keys in this order, "late" and what follows it only where there is something
// to say:
//   type, seq, time, ts, cpu, pid, tid, comm, probe, kind, symbol
//   offset        from the symbol; a tracepoint has none
//   path          of a uprobe's program
//   caller, caller_offset or caller_address   on return only
//   args          by argument name
//   late          true: older than an event already given out
//   generation    only of a probe in a module: which stay of the module, from 1
//   faults        by argument name, of an array's element "name[1]": why the value is null.
//                 "unreadable" is the only reason so far
//   bytes         named alike: the original bytes, in hex, of a string that is not UTF-8
//   comm_bytes    the same for comm
// Types never depend on the value, except that what is not known is null: comm; symbol; caller,
// then with "caller_address":"0x..." if there is one (outside all known text; a program's are).
#pragma once

#include <string>
#include <string_view>

#include "stream/event_plan.h"
#include "stream/wall_clock.h"

namespace kprobed::stream {

/// Appends a JSON string with its quotes. Invalid UTF-8 bytes become U+FFFD; returns false then, so
/// that the caller can add the original bytes.
bool append_json_string(std::string_view text, std::string& out);

class JsonLines {
 public:
  /// `names` resolves callers. Both must outlive this.
  JsonLines(const AddressNames& names, WallClock& clock) : names_(names), clock_(clock) {}

  /// DESIGN 9's line and '\n'. False (and nothing appended) if a field points outside the record.
  /// Numbers (u*, s*) are exact over the whole 64 bits: readers that keep doubles (jq 1.6) round
  /// them beyond 2^53; :x64 gives a string. The caller is what the kernel recorded: with several
  /// return probes on one function >= 6.12 records its own trampoline for some of them.
  bool event(const Event& event, std::string& out);
  /// {"type":"lost","seq":..,"time":..,"ts":..,"cpu":..,"count":N}, with "tail":true where nothing
  /// came behind them.
  void lost(const LostNote& note, std::string& out);
  /// {"type":"probe","seq":..,"time":..,"ts":..,"probe":..,"state":..,"reason":..}, the reason only
  /// where there is one.
  void probe(const ProbeNote& note, std::string& out);
  /// {"type":"cpu","seq":..,"time":..,"ts":..,"cpu":..,"state":..,"reason":..}, the reason only
  /// where there is one.
  void cpu(const CpuNote& note, std::string& out);
  /// {"type":"discarded","seq":..,"time":..,"ts":..,"probe":..,"count":N,"reason":..}
  void discarded(const DiscardedNote& note, std::string& out);
  /// {"type":"sampling","seq":..,"time":..,"ts":..,"probe":..,"level":..,"period":N,"hits":N,
  /// "events":N,"reason":..}
  void sampling(const SamplingNote& note, std::string& out);
  /// {"type":"ledger","seq":..,"time":..,"ts":..,"probe":..,"live":true,"hits":N,..}: the terms
  /// that are known and, if it can be said, "unexplained".
  void ledger(const LedgerNote& note, std::string& out);
  /// {"type":"clock","seq":..,"time":..,"ts":..,"step_ns":N}. `time` is what the WallClock says
  /// now: set its new offset first, then this and all later lines have the new time.
  void clock(const ClockNote& note, std::string& out);
  /// Per probe, before its first event, without a seq: probe, kind, spec, symbol, offset, path,
  /// "members":["tcp_v4_rcv",..] of a probe with several functions (at most 512 of them), and
  /// "args":[{"name":..,"type":..,"format":..}] with each argument's JSON type and how to read it:
  /// number/unsigned, number/signed, string/hex, string/text, string/character, string/symbol,
  /// string/enumeration, boolean/boolean. For arrays "array" with their elements' format, and their
  /// elements' type as "items". Where there is something to say, "c_type", "unreadable" (null,
  /// zero, stale) and, of at most 64, "enumerators":{"NAME":0}.
  void schema(const EventPlan& plan, std::string& out);

 private:
  void append_head(std::string_view type, std::uint64_t seq, std::uint64_t time_ns,
                   std::string& out);

  const AddressNames& names_;
  WallClock& clock_;
};

}  // namespace kprobed::stream
