// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/check_report.h"

#include "base/text.h"
#include "engine/explain.h"

namespace kprobed::kprobectl {

namespace {

/// Line, begin and end of what has them; nothing where the place is unknown.
void set_position(const Span& span, auto& out) {
  if (!span.known()) return;
  out.line = span.line;
  out.begin = span.begin;
  out.end = span.end;
}

wire::CheckedArgument checked_argument(const resolve::ResolvedArg& arg) {
  wire::CheckedArgument out;
  out.name = arg.name;
  out.meaning = arg.meaning;
  out.fetch = arg.fetch;
  out.type = arg.kernel_type;
  out.shown = decode::word(arg.shape.show);
  out.count = arg.shape.count;
  out.c_type = arg.c_type;
  out.unreadable = decode::word(arg.unreadable);
  set_position(arg.span, out);
  return out;
}

}  // namespace

wire::CheckedProbe checked_probe(const resolve::ResolvedProbe& probe, std::string_view name) {
  wire::CheckedProbe out;
  out.name = name;
  out.spec = probespec::print(probe.spec);
  out.module = probe.module;
  out.symbol = probe.symbol;
  out.offset = probe.offset;
  if (probe.address != 0) out.address = hex(probe.address);
  out.path = probe.path;
  if (!probe.event_name.empty()) out.event = probe.event_group + "/" + probe.event_name;
  out.condition = probe.filter;
  out.kernel_lines = engine::kernel_lines(probe);
  out.record_bytes = probe.fixed_bytes;
  out.worst_record_bytes = probe.worst_bytes;
  for (const resolve::ResolvedArg& arg : probe.args) out.args.push_back(checked_argument(arg));
  for (const resolve::Remark& remark : probe.remarks) {
    wire::Note note;
    note.code = remark.code;
    note.message = remark.message;
    note.hint = remark.hint;
    set_position(remark.span, note);
    out.notes.push_back(std::move(note));
  }
  return out;
}

}  // namespace kprobed::kprobectl
