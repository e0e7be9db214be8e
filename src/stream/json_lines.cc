// SPDX-License-Identifier: Apache-2.0
#include "stream/json_lines.h"

#include "base/text.h"
#include "stream/append.h"
#include "stream/kernel_words.h"

namespace kprobed::stream {
namespace {

using decode::FieldOp;
using decode::Show;
using decode::TextRef;

/// What an event's arguments need besides their values.
struct Findings {
  bool malformed = false;
  bool faults = false;
  bool bytes = false;
};

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

/// False where append_json_string() is.
bool append_text_or_null(std::string_view text, std::string& out) {
  if (!text.empty()) return append_json_string(text, out);
  out += "null";
  return true;
}

void append_hex_string(std::uint64_t value, std::string& out) {
  out += '"';
  append_hex(value, out);
  out += '"';
}

void append_bytes_string(std::string_view bytes, std::string& out) {
  out += '"';
  for (const char byte : bytes) append_byte(byte, out);
  out += '"';
}

/// `"name":`, after a comma unless the object was just opened.
void append_key(std::string_view name, std::string& out) {
  if (out.back() != '{') out += ',';
  append_json_string(name, out);
  out += ':';
}

void append_text(const FieldOp& op, const Event& event, Findings& findings, std::string& out) {
  const TextRef text = decode::read_text(op, event.raw, event.plan->fields.order);
  switch (text.state) {
    case TextRef::State::ok:
      if (!append_json_string(text.text, out)) findings.bytes = true;
      break;
    case TextRef::State::fault:
      out += "null";
      findings.faults = true;
      break;
    case TextRef::State::malformed:
      findings.malformed = true;
      break;
  }
}

void append_value(const FieldOp& op, const Event& event, Findings& findings, std::string& out) {
  if (op.show == Show::text) return append_text(op, event, findings, out);
  const std::uint64_t number = decode::read_number(op, event.raw.data(), event.plan->fields.order);
  if (op.show == Show::hex)
    append_hex_string(number, out);
  else if (op.show == Show::signed_number)
    append_number(static_cast<std::int64_t>(number), out);
  else
    append_number(number, out);
}

Findings append_args(const Event& event, std::string& out) {
  Findings findings;
  out += R"(,"args":{)";
  for (const FieldOp& op : event.plan->fields.ops) {
    append_key(op.name, out);
    append_value(op, event, findings, out);
  }
  out += '}';
  return findings;
}

// Rare, so the texts are read a second time rather than remembered in every event.
void append_faults(const Event& event, std::string& out) {
  out += R"(,"faults":{)";
  for (const FieldOp& op : event.plan->fields.ops) {
    if (op.show != Show::text) continue;
    const TextRef text = decode::read_text(op, event.raw, event.plan->fields.order);
    if (text.state != TextRef::State::fault) continue;
    append_key(op.name, out);
    out += R"("unreadable")";
  }
  out += '}';
}

void append_bytes(const Event& event, std::string& out) {
  out += R"(,"bytes":{)";
  for (const FieldOp& op : event.plan->fields.ops) {
    if (op.show != Show::text) continue;
    const TextRef text = decode::read_text(op, event.raw, event.plan->fields.order);
    if (text.state != TextRef::State::ok || is_utf8(text.text)) continue;
    append_key(op.name, out);
    append_bytes_string(text.text, out);
  }
  out += '}';
}

void append_cpu(std::uint32_t cpu, std::string& out) {
  out += R"(,"cpu":)";
  append_number(cpu, out);
}

void append_probe(const ProbeLabel& label, std::string& out) {
  out += R"("probe":)";
  append_json_string(label.name, out);
  out += R"(,"kind":")";
  out += label.kind;
  out += '"';
}

void append_place(const ProbeLabel& label, std::string& out) {
  out += R"(,"symbol":)";
  append_text_or_null(label.symbol, out);
  out += R"(,"offset":)";
  append_number(label.offset, out);
}

/// The words of Show in a schema.
std::string_view type_and_format(Show show) {
  switch (show) {
    case Show::unsigned_number:
      return R"("type":"number","format":"unsigned")";
    case Show::signed_number:
      return R"("type":"number","format":"signed")";
    case Show::hex:
      return R"("type":"string","format":"hex")";
    case Show::text:
      break;
  }
  return R"("type":"string","format":"text")";
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
  append_place(event.plan->label, out);
  if (event.plan->label.kind == 'r') append_caller(event, out);

  const Findings findings = append_args(event, out);
  if (findings.malformed) {
    out.resize(begin);
    return false;
  }
  if (event.late) out += R"(,"late":true)";
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
  out += "}\n";
}

void JsonLines::probe(const ProbeNote& note, std::string& out) {
  append_head("probe", note.seq, note.time_ns, out);
  out += R"(,"probe":)";
  append_json_string(note.probe, out);
  out += R"(,"state":)";
  append_json_string(note.state, out);
  if (!note.reason.empty()) {
    out += R"(,"reason":)";
    append_json_string(note.reason, out);
  }
  out += "}\n";
}

void JsonLines::clock(const ClockNote& note, std::string& out) {
  append_head("clock", note.seq, note.time_ns, out);
  out += R"(,"step_ns":)";
  append_number(note.step_ns, out);
  out += "}\n";
}

void JsonLines::schema(const EventPlan& plan, std::string& out) {
  out += R"({"type":"schema",)";
  append_probe(plan.label, out);
  out += R"(,"spec":)";
  append_json_string(plan.label.spec, out);
  append_place(plan.label, out);
  out += R"(,"args":[)";
  for (const FieldOp& op : plan.fields.ops) {
    if (out.back() != '[') out += ',';
    out += R"({"name":)";
    append_json_string(op.name, out);
    out += ',';
    out += type_and_format(op.show);
    out += '}';
  }
  out += "]}\n";
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

void JsonLines::append_caller(const Event& event, std::string& out) const {
  const std::optional<std::uint64_t> address = return_address(event);
  const AddressNames::Place place = address ? names_.place_of(*address) : AddressNames::Place{};
  out += R"(,"caller":)";
  append_text_or_null(place.symbol, out);
  if (!place.symbol.empty()) {
    out += R"(,"caller_offset":)";
    append_number(place.offset, out);
  } else if (address) {
    out += R"(,"caller_address":)";
    append_hex_string(*address, out);
  }
}

}  // namespace kprobed::stream
