// SPDX-License-Identifier: Apache-2.0
//
// Each message's fields, said once for both directions: a visitor is a FieldReader or a
// FieldWriter. The order is that of the written line. `required` must be there when reading;
// `field` is always written (an optional if it has a value); `sparse` only if it says something.
#pragma once

#include <type_traits>

#include "wire/field_range.h"
#include "wire/is.h"
#include "wire/ledger_fields.h"
#include "wire/messages.h"
#include "wire/state.h"
#include "wire/stream_lines.h"

namespace kprobed::wire {

void describe(auto& v, Is<Hello> auto& m) {
  v.required("version", m.version);
  v.required("schema", m.schema);
  v.required("stream", m.stream);
  v.field("host", m.host);
  v.field("arch", m.arch);
  v.field("kernel", m.kernel);
  v.field("clock", m.clock);
}

// ---- requests: what is left out has its default -------------------------------------------------

void describe(auto& v, Is<AddRequest> auto& m) {
  v.required("spec", m.spec);
  v.field("for_ms", m.for_ms, Range{1, kMaxForMs});
  v.sparse("resolve", m.resolve);
  v.sparse("disabled", m.disabled);
  v.sparse("allow_oversize", m.allow_oversize);
  v.sparse("exact", m.exact);
  v.sparse("persist", m.persist);
  v.sparse("pending", m.pending);
  v.sparse("progress", m.progress);
}

void describe(auto& v, Is<Selection> auto& m) {
  v.sparse("probes", m.probes);
  v.sparse("all", m.all);
}
void describe(auto& v, Is<RemoveRequest> auto& m) {
  describe(v, m.which);
  v.sparse("progress", m.progress);
}
void describe(auto& v, Is<EnableRequest> auto& m) {
  describe(v, m.which);
  v.sparse("progress", m.progress);
}
void describe(auto& v, Is<DisableRequest> auto& m) {
  describe(v, m.which);
  v.sparse("progress", m.progress);
}

void describe(auto& v, Is<ApplyRequest> auto& m) {
  v.required("spec", m.spec);
  v.sparse("resolve", m.resolve);
  v.sparse("allow_oversize", m.allow_oversize);
  v.sparse("progress", m.progress);
}

void describe(auto&, Is<ListRequest> auto&) {}

void describe(auto& v, Is<CheckRequest> auto& m) {
  v.required("spec", m.spec);
  v.sparse("resolve", m.resolve);
  v.sparse("allow_oversize", m.allow_oversize);
}

void describe(auto&, Is<StatusRequest> auto&) {}

void describe(auto& v, Is<Resume> auto& m) {
  v.required("stream", m.stream);
  v.required("seq", m.seq);
}

void describe(auto& v, Is<SubscribeRequest> auto& m) {
  v.sparse("probes", m.probes);
  v.sparse("pids", m.pids, Range{1, kMaxPid});
  v.field("resume", m.resume);
  v.sparse("own", m.own);
  v.flag("ledger", m.ledger, true);
}

void describe(auto& v, Is<LedgerRequest> auto& m) { v.sparse("probes", m.probes); }

void describe(auto&, Is<UnsubscribeRequest> auto&) {}

// ---- replies: every field is there, so that `jq .rate` needs no default -------------------------

void describe(auto& v, Is<Note> auto& m) {
  v.required("code", m.code);
  v.required("message", m.message);
  v.sparse("hint", m.hint);
  v.position(m.line, m.begin, m.end);
}

void describe(auto& v, Is<ProbeInfo> auto& m) {
  v.required("name", m.name);
  v.required("spec", m.spec);
  v.required("state", m.state);
  v.field("kernel_line", m.kernel_line);
  v.field("reason", m.reason);
  v.field("since", m.since);
  v.field("added", m.added);
  v.field("owner_uid", m.owner_uid);
  v.sparse("origin", m.origin);
  v.field("expires_ms", m.expires_ms);
  v.field("cpus", m.cpus);
  v.field("hits", m.hits);
  v.field("missed", m.missed);
  v.field("published", m.published);
  v.field("lost", m.lost);
  v.field("period", m.period);
  v.field("rate", m.rate);
  v.field("last_hit_ms_ago", m.last_hit_ms_ago);
  v.field("notes", m.notes);
}

void describe(auto& v, Is<CheckedArgument> auto& m) {
  v.required("name", m.name);
  v.required("meaning", m.meaning);
  v.field("fetch", m.fetch);
  v.field("type", m.type);
  v.required("shown", m.shown);
  v.sparse("count", m.count);
  v.sparse("c_type", m.c_type);
  v.sparse("unreadable", m.unreadable);
  v.position(m.line, m.begin, m.end);
}

void describe(auto& v, Is<CheckedProbe> auto& m) {
  v.required("name", m.name);
  v.required("spec", m.spec);
  v.sparse("module", m.module);
  v.required("symbol", m.symbol);
  v.field("offset", m.offset);
  v.sparse("address", m.address);
  v.sparse("path", m.path);
  v.sparse("event", m.event);
  v.sparse("condition", m.condition);
  v.field("kernel_lines", m.kernel_lines);
  v.field("record_bytes", m.record_bytes);
  v.field("worst_record_bytes", m.worst_record_bytes);
  v.field("hits_per_second", m.hits_per_second);
  v.field("cpu_share", m.cpu_share);
  v.field("line_bytes_per_second", m.line_bytes_per_second);
  v.field("args", m.args);
  v.field("notes", m.notes);
}

void describe(auto& v, Is<CheckReport> auto& m) {
  v.required("probes", m.probes);
  v.required("errors", m.errors);
  v.sparse("not_here", m.not_here);
}

void describe(auto& v, Is<ProbePlace> auto& m) {
  v.required("offset", m.offset);
  v.required("bytes", m.bytes);
  v.field("text", m.text);
  v.sparse("refused", m.refused);
}

void describe(auto& v, Is<DisassemblyReport> auto& m) {
  v.sparse("module", m.module);
  v.required("symbol", m.symbol);
  v.sparse("address", m.address);
  v.required("instructions", m.instructions);
  v.sparse("incomplete", m.incomplete);
}

void describe(auto& v, Is<AddReply> auto& m) { v.required("probes", m.probes); }
void describe(auto& v, Is<NamesReply> auto& m) { v.required("probes", m.probes); }

void describe(auto& v, Is<ApplyReply> auto& m) {
  v.required("added", m.added);
  v.required("removed", m.removed);
  v.required("kept", m.kept);
}

void describe(auto& v, Is<ListReply> auto& m) { v.required("probes", m.probes); }
void describe(auto& v, Is<CheckReply> auto& m) { v.required("text", m.text); }

void describe(auto& v, Is<SubscribeReply> auto& m) {
  v.required("stream", m.stream);
  v.required("next_seq", m.next_seq);
}

void describe(auto& v, Is<ClientInfo> auto& m) {
  v.field("pid", m.pid);
  v.field("uid", m.uid);
  v.field("subscribed", m.subscribed);
  v.field("lag", m.lag);
  v.field("sent", m.sent);
  v.field("dropped", m.dropped);
}

void describe(auto& v, Is<StatusReply> auto& m) {
  v.required("version", m.version);
  v.required("stream", m.stream);
  v.field("kernel", m.kernel);
  v.field("arch", m.arch);
  v.field("uptime_ms", m.uptime_ms);
  v.field("warnings", m.warnings);
  v.field("cpus", m.cpus);
  v.field("ring_bytes", m.ring_bytes);
  v.field("ring_peak_percent", m.ring_peak_percent);
  v.field("event_bytes", m.event_bytes);
  v.field("kernel_memory_max", m.kernel_memory_max);
  v.field("descriptors", m.descriptors);
  v.field("descriptors_max", m.descriptors_max);
  v.field("log_bytes", m.log_bytes);
  v.field("log_max_bytes", m.log_max_bytes);
  v.field("log_oldest_seq", m.log_oldest_seq);
  v.field("log_next_seq", m.log_next_seq);
  v.field("events_read", m.events_read);
  v.field("events_published", m.events_published);
  v.field("events_excluded", m.events_excluded);
  v.field("events_malformed", m.events_malformed);
  v.field("events_lost", m.events_lost);
  v.field("events_unclaimed", m.events_unclaimed);
  v.field("events_discarded", m.events_discarded);
  v.field("side_band_lost", m.side_band_lost);
  v.field("probes", m.probes);
  v.field("clients", m.clients);
}

void describe(auto&, Is<EmptyReply> auto&) {}

void describe(auto& v, Is<Progress> auto& m) {
  v.required("done", m.done);
  v.required("all", m.all);
}

// ---- errors: what has nothing to say is left out ------------------------------------------------

/// The part of an error that is called `data`: a const or a plain WireError's.
template <typename E>
struct ErrorData {
  E& error;
  bool empty() const {
    return error.source.empty() && error.line == 0 && error.hint.empty() && error.sys_errno == 0;
  }
};

template <typename E>
void describe(auto& v, const ErrorData<E>& m) {
  v.sparse("source", m.error.source);
  v.position(m.error.line, m.error.begin, m.error.end);
  v.sparse("hint", m.error.hint);
  v.sparse("errno", m.error.sys_errno);
}

void describe(auto& v, Is<WireError> auto& m) {
  v.required("code", m.code);
  v.required("message", m.message);
  ErrorData<std::remove_reference_t<decltype(m)>> data{m};
  v.sparse("data", data);
}

// ---- lines of a stream
// ---------------------------------------------------------------------------

/// All of an event but its arguments, whose names are the user's.
void describe(auto& v, Is<EventLine> auto& m) {
  v.required("seq", m.seq);
  v.required("time", m.time);
  v.required("ts", m.ts);
  v.field("cpu", m.cpu);
  v.field("pid", m.pid);
  v.field("tid", m.tid);
  v.field("comm", m.comm);
  v.required("probe", m.probe);
  v.field("kind", m.kind);
  v.field("symbol", m.symbol);
  v.field("offset", m.offset);
  v.sparse("caller", m.caller);
  v.sparse("caller_offset", m.caller_offset);
  v.sparse("caller_address", m.caller_address);
  v.sparse("late", m.late);
  v.sparse("generation", m.generation);
  v.sparse("path", m.path);
}

void describe(auto& v, Is<SchemaLine::Arg> auto& m) {
  v.required("name", m.name);
  v.required("type", m.type);
  v.required("format", m.format);
  v.sparse("items", m.items);
  v.sparse("c_type", m.c_type);
  v.sparse("unreadable", m.unreadable);
}

void describe(auto& v, Is<SchemaLine> auto& m) {
  v.required("probe", m.probe);
  v.field("kind", m.kind);
  v.field("spec", m.spec);
  v.field("symbol", m.symbol);
  v.field("offset", m.offset);
  v.sparse("path", m.path);
  v.sparse("members", m.members);
  v.required("args", m.args);
}

void describe(auto& v, Is<LostLine> auto& m) {
  v.required("seq", m.seq);
  v.required("time", m.time);
  v.required("ts", m.ts);
  v.required("cpu", m.cpu);
  v.required("count", m.count);
  v.sparse("tail", m.tail);
}

void describe(auto& v, Is<DroppedLine> auto& m) {
  v.required("from", m.from);
  v.required("to", m.to);
}

void describe(auto& v, Is<ProbeLine> auto& m) {
  v.required("seq", m.seq);
  v.required("time", m.time);
  v.field("ts", m.ts);
  v.required("probe", m.probe);
  v.required("state", m.state);
  v.sparse("reason", m.reason);
}

void describe(auto& v, Is<CpuLine> auto& m) {
  v.required("seq", m.seq);
  v.required("time", m.time);
  v.field("ts", m.ts);
  v.required("cpu", m.cpu);
  v.required("state", m.state);
  v.sparse("reason", m.reason);
}

void describe(auto& v, Is<DiscardedLine> auto& m) {
  v.required("seq", m.seq);
  v.required("time", m.time);
  v.field("ts", m.ts);
  v.required("probe", m.probe);
  v.required("count", m.count);
  v.field("reason", m.reason);
}

void describe(auto& v, Is<SamplingLine> auto& m) {
  v.required("seq", m.seq);
  v.required("time", m.time);
  v.field("ts", m.ts);
  v.required("probe", m.probe);
  v.required("level", m.level);
  v.required("period", m.period);
  v.required("hits", m.hits);
  v.required("events", m.events);
  v.field("reason", m.reason);
}

void describe(auto& v, Is<ClockLine> auto& m) {
  v.required("seq", m.seq);
  v.required("time", m.time);
  v.field("ts", m.ts);
  v.required("step_ns", m.step_ns);
}

void describe(auto& v, Is<GapLine> auto& m) {
  v.required("stream", m.stream);
  v.required("from", m.from);
  v.field("reason", m.reason);
}

// ---- the daemon's memory across a crash
// -----------------------------------------------------------

void describe(auto& v, Is<SavedProbe> auto& m) {
  v.required("spec", m.spec);
  v.required("name", m.name);
  v.required("owner_uid", m.owner_uid);
  v.sparse("disabled", m.disabled);
  v.field("expires_boottime_ms", m.expires_boottime_ms);
  v.sparse("resolve", m.resolve);
  v.sparse("allow_oversize", m.allow_oversize);
  v.sparse("exact", m.exact);
  v.field("added", m.added);
  v.sparse("origin", m.origin);
  v.sparse("asked", m.asked);
  v.sparse("pending", m.pending);
}

void describe(auto& v, Is<StateFile> auto& m) {
  v.required("version", m.version);
  v.required("probes", m.probes);
  v.field("crash_times_ms", m.crash_times_ms);
}

}  // namespace kprobed::wire
