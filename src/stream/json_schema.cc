// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "stream/append.h"
#include "stream/json_lines.h"
#include "stream/json_parts.h"

namespace kprobed::stream {
namespace {

using decode::FieldOp;
using decode::Show;
using decode::Unreadable;

// A line that every subscriber gets stays of a size that can be read.
constexpr std::size_t kMaxEnumerators = 64, kMaxMembers = 512;

/// The JSON type of one value.
std::string_view json_type(Show show) {
  if (show == Show::unsigned_number || show == Show::signed_number) return "number";
  return show == Show::boolean ? "boolean" : "string";
}

void append_pair(std::string_view key, std::string_view value, std::string& out) {
  append_comma(out);
  append_json_string(key, out);
  out += ':';
  append_json_string(value, out);
}

void append_enumerators(const decode::ValueShape& shape, std::string& out) {
  if (!shape.enumerators || shape.enumerators->size() > kMaxEnumerators) return;
  out += R"(,"enumerators":{)";
  for (const decode::Enumerator& one : *shape.enumerators) {
    append_comma(out);
    append_json_string(one.name, out);
    out += ':';
    if (shape.is_signed)
      append_number(one.value, out);
    else
      append_number(static_cast<std::uint64_t>(one.value), out);
  }
  out += '}';
}

void append_arg(const FieldOp& op, const FieldNote& note, std::string& out) {
  const std::string_view type = json_type(op.shape.show);
  append_comma(out);
  out += '{';
  append_pair("name", op.name, out);
  append_pair("type", op.shape.is_array() ? "array" : type, out);
  append_pair("format", decode::word(op.shape.show), out);
  if (op.shape.is_array()) append_pair("items", type, out);
  if (!note.c_type.empty()) append_pair("c_type", note.c_type, out);
  if (const auto word = decode::word(note.unreadable); !word.empty())
    append_pair("unreadable", word, out);
  append_enumerators(op.shape, out);
  out += '}';
}

void append_members(const std::vector<MemberLabel>& members, std::string& out) {
  if (members.empty()) return;
  out += R"(,"members":[)";
  for (std::size_t i = 0; i < std::min(members.size(), kMaxMembers); ++i) {
    append_comma(out);
    append_json_string(members[i].symbol, out);
  }
  out += ']';
}

}  // namespace

void JsonLines::schema(const EventPlan& plan, std::string& out) {
  out += R"({"type":"schema",)";
  append_probe(plan.label, out);
  append_pair("spec", plan.label.spec, out);
  append_place(plan.label, plan.label.symbol, plan.label.offset, out);
  if (plan.label.entry_shift != 0) {
    out += R"(,"entry_shift":)";
    append_number(plan.label.entry_shift, out);
  }
  append_members(plan.members, out);
  out += R"(,"args":[)";
  for (std::size_t i = 0; i < plan.fields.ops.size(); ++i)
    append_arg(plan.fields.ops[i], i < plan.notes.size() ? plan.notes[i] : FieldNote{}, out);
  out += "]}\n";
}

}  // namespace kprobed::stream
