// SPDX-License-Identifier: Apache-2.0
//
// The same lines as JsonLines (json_lines.h says which), some ten times as fast: the plan has been
// compiled (json_program.h), what neighbouring events share is kept as text (json_caches.h), digits
// come out of tables. What is rare is left to JsonLines, which is also what tests compare with: an
// event that comes late, text that is not UTF-8 or could not be read, a plan without its program.
#pragma once

#include <string>

#include "stream/event_plan.h"
#include "stream/json_caches.h"
#include "stream/json_lines.h"
#include "stream/line_buffer.h"

namespace kprobed::stream {

class JsonEncoder {
 public:
  /// `names` resolves addresses. Both must outlive this.
  JsonEncoder(const AddressNames& names, WallClock& clock)
      : names_(names), clock_(clock), plain_(names, clock) {
    scratch_.reserve(4096);
  }

  /// As JsonLines::event(): false (and nothing appended) if a field points outside the record.
  bool event(const Event& event, LineBuffer& out);

  /// As append_args(): `,"args":{...}` alone, of a plan with a program. False where the whole line
  /// would be left to JsonLines.
  bool args(const Event& event, LineBuffer& out);

  void lost(const LostNote& note, LineBuffer& out);
  void probe(const ProbeNote& note, LineBuffer& out);
  void clock(const ClockNote& note, LineBuffer& out);
  void cpu(const CpuNote& note, LineBuffer& out);
  void discarded(const DiscardedNote& note, LineBuffer& out);
  void sampling(const SamplingNote& note, LineBuffer& out);
  void ledger(const LedgerNote& note, LineBuffer& out);

  /// `names` says something else from now on.
  void names_changed();

 private:
  struct Writer;
  bool fast(const JsonProgram& program, const Event& event, LineBuffer& out);
  bool plain(const Event& event, LineBuffer& out);
  /// Lines that are rare: as JsonLines writes them.
  template <typename Note>
  void note_line(void (JsonLines::*write)(const Note&, std::string&), const Note& note,
                 LineBuffer& out);
  bool put_args(const JsonProgram& program, const Event& event, Writer& out);
  template <bool kSwap>
  bool put_values(const JsonProgram& program, const Event& event, Writer& out);
  /// What is not a number.
  template <bool kSwap>
  bool put_special(const JsonOp& op, const Event& event, Writer& out);
  template <bool kSwap>
  bool put_array(const JsonOp& op, const decode::FieldOp& field, const Event& event, Writer& out);
  bool put_other(JsonOpKind kind, const decode::FieldOp& field, const Event& event,
                 std::uint32_t element, Writer& out);
  void put_caller(const Event& event, Writer& out);
  void put_symbol(const Event& event, std::uint64_t address, Writer& out);

  const AddressNames& names_;
  WallClock& clock_;
  JsonLines plain_;
  HeadCache heads_;
  PrefixCache prefixes_;
  AddressCache callers_, symbols_;
  std::string scratch_;
};

}  // namespace kprobed::stream
