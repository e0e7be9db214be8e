// SPDX-License-Identifier: Apache-2.0
//
// The stream for people: the 2009 form, and a table. What a traced process can choose (its comm,
// its strings) never reaches the terminal as anything but text: control bytes, C1 and
// bidirectional controls and bytes that are not UTF-8 are written as \xNN, and a backslash as \\.
#pragma once

#include <string>

#include "stream/event_plan.h"
#include "stream/wall_clock.h"

namespace kprobed::stream {

/// The form of the 2009 proposal, columns included (rfc-2009.txt):
///   "           <...>-2376  [001]   262.389131: do_sys_open: @do_sys_open+0 0xffffff9c 0x98db83e"
///   "           <...>-2376  [001]   262.391166: sys_open: <-do_sys_open+0 0x5 0xc06e8ebb"
/// Values as today's `trace` file prints them (strings quoted, faults "(fault)", arrays {1,2},
/// booleans and enumerations as numbers), without names. The function before the colon is, on
/// return, the caller; an address where no symbol is known, "?" where there is not even that; of a
/// tracepoint "sched/sched_switch:" alone. comm is "<...>" if unknown, the number beside it the
/// thread's. Microseconds are rounded as the kernel rounds them. Late events stand where they
/// arrived.
class TraceLines {
 public:
  /// `names` must outlive this.
  explicit TraceLines(const AddressNames& names) : names_(names) {}
  static std::string header();  ///< the "# tracer: ..." lines with column names
  /// False (and nothing appended) if a field points outside the record.
  bool event(const Event& event, std::string& out);
  /// "CPU:1 [LOST 37 EVENTS]", the kernel's words (kernel/trace/trace.c print_trace_line()).
  void lost(const LostNote& note, std::string& out);

 private:
  static void append_task_and_time(const Event& event, std::string& out);
  void append_function(const Event& event, std::string& out) const;

  const AddressNames& names_;
};

/// TIME (local clock, microseconds) CPU PID COMM PROBE name=value ..., on return "<- caller", where
/// it arrived late "(late)". Of a probe with several functions "@function" comes before the values.
/// The offset from the caller is in hex, as stack traces have it.
class TableLines {
 public:
  /// Both must outlive this.
  TableLines(const AddressNames& names, WallClock& clock) : names_(names), clock_(clock) {}
  static std::string header();
  /// False (and nothing appended) if a field points outside the record.
  bool event(const Event& event, std::string& out);
  void lost(const LostNote& note, std::string& out);

 private:
  const AddressNames& names_;
  WallClock& clock_;
};

}  // namespace kprobed::stream
