// SPDX-License-Identifier: Apache-2.0
#include "stream/json_program.h"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <limits>

#include "stream/digits.h"
#include "stream/event_place.h"
#include "stream/json_copy.h"
#include "stream/json_lines.h"
#include "stream/json_parts.h"

namespace kprobed::stream {
namespace {

using decode::FieldOp;
using decode::Show;

std::atomic<std::uint64_t> last_id{0};

/// The kind for a number's width, given that of one byte.
JsonOpKind of_width(JsonOpKind one_byte, std::uint8_t bytes) {
  const int step = bytes == 1 ? 0 : bytes == 2 ? 1 : bytes == 4 ? 2 : 3;
  return static_cast<JsonOpKind>(static_cast<int>(one_byte) + step);
}

JsonOpKind kind_of(const FieldOp& field) {
  switch (field.shape.show) {
    case Show::unsigned_number:
      return of_width(JsonOpKind::unsigned_8, field.bytes);
    case Show::signed_number:
      return of_width(JsonOpKind::signed_8, field.bytes);
    case Show::hex:
      return of_width(JsonOpKind::hex_8, field.bytes);
    case Show::boolean:
      return JsonOpKind::boolean;
    case Show::character:
      return JsonOpKind::character;
    case Show::symbol:
      return JsonOpKind::symbol;
    case Show::enumeration:
      return JsonOpKind::enumeration;
    case Show::text:
      break;
  }
  return field.shape.text_bytes != 0 ? JsonOpKind::text_in_place : JsonOpKind::text;
}

/// What opens and closes each value of this kind, and so goes into the literals.
std::string_view opening(JsonOpKind kind) { return is_hex(kind) ? "\"0x" : ""; }
std::string_view closing(JsonOpKind kind) { return is_hex(kind) ? "\"" : ""; }

/// One element of a fixed array of numbers: the longest, with comma and what encloses it.
constexpr std::size_t kElementRoom = kNumberRoom + 8;

std::uint32_t size_32(const std::string& text) { return static_cast<std::uint32_t>(text.size()); }

}  // namespace

std::shared_ptr<const JsonProgram> compile_json(const EventPlan& plan) {
  auto program = std::make_shared<JsonProgram>();
  Event any;
  any.plan = &plan;
  program->id = ++last_id;
  program->swap = plan.fields.order != kHostOrder;
  program->is_return = is_return(any);
  program->in_program = is_in_program(any);
  program->has_members = !plan.members.empty();
  append_probe(plan.label, program->label);
  if (plan.members.empty())
    append_place(plan.label, plan.label.symbol, plan.label.offset, program->label);

  std::string& literals = program->literals;
  literals = R"(,"args":{)";
  for (const FieldOp& field : plan.fields.ops) {
    JsonOp op;
    const bool is_array = field.shape.is_array();
    op.element = kind_of(field);
    op.kind = is_array ? JsonOpKind::array : op.element;
    op.offset = field.offset;
    op.before = program->after;
    op.field = static_cast<std::uint32_t>(program->fields.size());
    if (!program->ops.empty()) literals += ',';
    append_json_string(field.name, literals);
    literals += ':';
    if (!is_array) literals += opening(op.kind);
    // Names come from the kernel's format files: MAX_EVENT_NAME_LEN, kernel/trace/trace_probe.h.
    assert(literals.size() - op.before <= std::numeric_limits<std::uint16_t>::max());
    op.before_bytes = static_cast<std::uint16_t>(literals.size() - op.before);
    program->after = size_32(literals);
    if (!is_array) literals += closing(op.kind);
    program->fixed_room += kElementRoom * std::max<std::size_t>(field.shape.count, 1);
    program->ops.push_back(op);
    program->fields.push_back(field);
  }
  literals += '}';
  program->after_bytes = size_32(literals) - program->after;
  program->fixed_room += literals.size() + 2 * kBlock;
  literals.append(kBlock, '\0');
  return program;
}

}  // namespace kprobed::stream
