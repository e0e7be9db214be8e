// SPDX-License-Identifier: Apache-2.0
#include "stream/json_lines.h"

#include "stream/append.h"
#include "stream/event_place.h"
#include "stream/json_parts.h"
#include "stream/json_values.h"

namespace kprobed::stream {
namespace {

void append_cpu(std::uint32_t cpu, std::string& out) {
  out += R"(,"cpu":)";
  append_number(cpu, out);
}

/// What something has come to, and why: the end of a line.
void append_state(std::string_view state, std::string_view reason, std::string& out) {
  out += R"(,"state":)";
  append_json_string(state, out);
  if (!reason.empty()) {
    out += R"(,"reason":)";
    append_json_string(reason, out);
  }
  out += "}\n";
}

}  // namespace

bool JsonLines::event(const Event& event, std::string& out) {
  const std::size_t begin = out.size();
  append_head("event", event.seq, event.stamp.time_ns, out);
  append_cpu(event.stamp.cpu, out);
  out += R"(,"pid":)";
  append_number(event.stamp.pid, out);
  out += R"(,"tid":)";
  append_number(event.stamp.tid, out);
  out += R"(,"comm":)";
  const bool comm_is_utf8 = append_text_or_null(event.comm, out);
  out += ',';
  append_probe(event.plan->label, out);
  const EventPlace place = place_of(event);
  append_place(event.plan->label, place.symbol, place.offset, out);
  if (is_return(event)) append_caller(event, names_, out);

  const ArgFindings findings = append_args(event, names_, out);
  if (findings.malformed) {
    out.resize(begin);
    return false;
  }
  if (event.late) out += R"(,"late":true)";
  if (event.generation != 0) {
    out += R"(,"generation":)";
    append_number(event.generation, out);
  }
  if (findings.faults) append_faults(event, out);
  if (findings.bytes) append_bytes(event, out);
  if (!comm_is_utf8) {
    out += R"(,"comm_bytes":)";
    append_bytes_string(event.comm, out);
  }
  out += "}\n";
  return true;
}

void JsonLines::lost(const LostNote& note, std::string& out) {
  append_head("lost", note.seq, note.stamp.time_ns, out);
  append_cpu(note.stamp.cpu, out);
  out += R"(,"count":)";
  append_number(note.count, out);
  if (note.tail) out += R"(,"tail":true)";
  out += "}\n";
}

void JsonLines::ledger(const LedgerNote& note, std::string& out) {
  append_head("ledger", note.seq, note.time_ns, out);
  const auto text = [&out](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    out.append(R"(,")").append(name).append(R"(":)");
    append_json_string(value, out);
  };
  text("probe", note.probe);
  text("event", note.event);
  if (note.live) out += R"(,"live":true)";
  const auto term = [&out](std::string_view name, const auto& count) {
    if (!count) return;
    out.append(R"(,")").append(name).append(R"(":)");
    append_number(*count, out);
  };
  const LedgerTerms& t = note.terms;
  term("hits", t.hits);
  term("missed", t.missed);
  term("unattached", t.unattached);
  term("kernel_dropped", t.kernel_dropped);
  term("seen", t.seen);
  term("filtered", t.filtered);
  term("sampled_out", t.sampled_out);
  term("lost", t.lost);
  term("unclaimed", Known(t.unclaimed));
  term("read", Known(t.read));
  term("malformed", Known(t.malformed));
  term("excluded", Known(t.excluded));
  term("discarded", Known(t.discarded));
  term("held", Known(t.held));
  term("published", Known(t.published));
  term("unexplained", unexplained(t));
  out += "}\n";
}

void JsonLines::probe(const ProbeNote& note, std::string& out) {
  append_head("probe", note.seq, note.time_ns, out);
  out += R"(,"probe":)";
  append_json_string(note.probe, out);
  append_state(note.state, note.reason, out);
}

void JsonLines::cpu(const CpuNote& note, std::string& out) {
  append_head("cpu", note.seq, note.time_ns, out);
  append_cpu(note.cpu, out);
  append_state(note.state, note.reason, out);
}

void JsonLines::discarded(const DiscardedNote& note, std::string& out) {
  append_head("discarded", note.seq, note.time_ns, out);
  out += R"(,"probe":)";
  append_json_string(note.probe, out);
  out += R"(,"count":)";
  append_number(note.count, out);
  out += R"(,"reason":)";
  append_json_string(note.reason, out);
  out += "}\n";
}

void JsonLines::sampling(const SamplingNote& note, std::string& out) {
  append_head("sampling", note.seq, note.time_ns, out);
  out += R"(,"probe":)";
  append_json_string(note.probe, out);
  out += R"(,"level":)";
  append_json_string(note.level, out);
  out += R"(,"period":)";
  append_number(note.period, out);
  out += R"(,"hits":)";
  append_number(note.hits, out);
  out += R"(,"events":)";
  append_number(note.events, out);
  out += R"(,"reason":)";
  append_json_string(note.reason, out);
  out += "}\n";
}

void JsonLines::clock(const ClockNote& note, std::string& out) {
  append_head("clock", note.seq, note.time_ns, out);
  out += R"(,"step_ns":)";
  append_number(note.step_ns, out);
  out += "}\n";
}

/// Opens a line: what it is, and when that was.
void JsonLines::append_head(std::string_view type, std::uint64_t seq, std::uint64_t time_ns,
                            std::string& out) {
  out += R"({"type":")";
  out += type;
  out += R"(","seq":)";
  append_number(seq, out);
  out += R"(,"time":")";
  clock_.append(time_ns, out);
  out += R"(","ts":)";
  append_number(time_ns, out);
}

}  // namespace kprobed::stream
