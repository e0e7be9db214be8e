// SPDX-License-Identifier: Apache-2.0
#include "decode/field_plan.h"

#include <algorithm>

#include "base/format.h"
#include "decode/c_declaration.h"

namespace kprobed::decode {
namespace {

Error malformed(const FormatField& field, std::string_view what) {
  return Error(ErrorCode::malformed,
               format("field '{}' ({}, {} bytes) {}", field.name, field.type, field.size, what));
}

/// One element for one of the format's, or none for none.
Result<void> check_count(const FormatField& field, const ValueShape& shape) {
  if (shape.count == field.count) return {};
  if (shape.count == 0) return malformed(field, "is an array");
  if (field.count == 0) return malformed(field, "is not an array");
  return malformed(field, format("is an array of {}, not of {}", field.count, shape.count));
}

/// Text that lies in the record itself, whatever the elements of the field are.
Result<void> compile_text_in_place(const FormatField& field, FieldOp& op) {
  if (field.data_loc) return malformed(field, "is no array of bytes");
  const std::uint64_t bytes =
      std::uint64_t{op.shape.text_bytes} * std::max(op.shape.count, std::uint32_t{1});
  if (bytes > field.size) return malformed(field, format("is shorter than {} bytes", bytes));
  op.bytes = 1;
  return {};
}

Result<void> compile_text(const FormatField& field, FieldOp& op) {
  if (op.shape.text_bytes != 0) return compile_text_in_place(field, op);
  if (!field.data_loc || !is_char(data_loc_element(field.type)))
    return malformed(field, "is not text");
  op.bytes = 4;
  return check_count(field, op.shape);
}

/// Numbers behind a __data_loc. Elements of which only C knows the size are shown byte by byte.
Result<void> compile_dynamic(const FormatField& field, std::uint8_t word_bytes, FieldOp& op) {
  if (!field.data_loc || field.count != 0)
    return malformed(field, "is no array whose length each record tells");
  op.bytes = type_bytes(data_loc_element(field.type), word_bytes).value_or(1);
  return {};
}

Result<void> compile_number(const FormatField& field, ByteOrder order, FieldOp& op) {
  if (field.data_loc) return malformed(field, "is text, not a number");
  KPROBED_TRY_VOID(check_count(field, op.shape));
  const std::uint32_t bytes = field.size / std::max(field.count, std::uint32_t{1});
  if (bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8)
    return malformed(field, "has no number's size").with_hint("name the other fields instead");
  if (op.shape.show == Show::character && bytes != 1)
    return malformed(field, "is no single character");
  op.bytes = static_cast<std::uint8_t>(bytes);
  if (const std::uint8_t low = op.shape.low_bytes; low != 0 && low < bytes) {
    if (field.count != 0 || (low != 1 && low != 2 && low != 4))
      return malformed(field, "has no such part");
    op.bytes = low;
    if (order == ByteOrder::big) op.offset += bytes - low;
  }
  return {};
}

/// Two fields as one number: side by side they lie as it would lie in memory.
Result<void> join_second(const EventFormat& event, const FormatField& first, std::string_view name,
                         FieldOp& op) {
  const FormatField* second = event.find(name);
  if (second == nullptr)
    return Error(ErrorCode::not_found, format("event '{}' has no field '{}'", event.name, name));
  if (second->offset != first.offset + first.size || second->size != first.size ||
      second->count != 0 || second->data_loc || first.size != 4)
    return malformed(*second, format("is not the other half of '{}'", first.name));
  op.bytes = 8;
  return {};
}

Result<FieldOp> compile_field(const FormatField& field, const WantedField& wanted, ByteOrder order,
                              std::uint8_t word_bytes) {
  FieldOp op;
  op.name = wanted.name;
  op.shape = wanted.shape;
  op.offset = field.offset;
  op.relative = field.relative;
  if (op.shape.show == Show::text) {
    KPROBED_TRY_VOID(compile_text(field, op));
  } else if (op.shape.dynamic) {
    KPROBED_TRY_VOID(compile_dynamic(field, word_bytes, op));
  } else {
    KPROBED_TRY_VOID(compile_number(field, order, op));
  }
  return op;
}

/// From the field's first byte to its last; of a __data_loc its words.
std::uint32_t extent(const FieldOp& op) {
  if (op.shape.dynamic) return 4;
  const std::uint32_t elements = std::max(op.shape.count, std::uint32_t{1});
  return elements * (op.shape.text_bytes != 0 ? op.shape.text_bytes : op.bytes);
}

Result<std::optional<std::uint32_t>> kernel_word(const EventFormat& format, std::string_view name,
                                                 std::uint8_t word_bytes) {
  const FormatField* field = format.find(name);
  if (field == nullptr) return std::optional<std::uint32_t>();
  if (field->size != word_bytes || field->count != 0 || field->data_loc)
    return malformed(*field, "is not a word of the kernel");
  return std::optional(field->offset);
}

}  // namespace

Result<FieldPlan> compile(const EventFormat& event, const std::vector<WantedField>& wanted,
                          ByteOrder order, std::uint8_t word_bytes) {
  FieldPlan plan;
  plan.order = order;
  plan.word_bytes = word_bytes;
  KPROBED_TRY(plan.ip, kernel_word(event, "__probe_ip", word_bytes));
  KPROBED_TRY(plan.func, kernel_word(event, "__probe_func", word_bytes));
  KPROBED_TRY(plan.ret_ip, kernel_word(event, "__probe_ret_ip", word_bytes));
  for (const auto& offset : {plan.ip, plan.func, plan.ret_ip})
    if (offset) plan.min_bytes = std::max(plan.min_bytes, *offset + word_bytes);

  plan.ops.reserve(wanted.size());
  for (const WantedField& want : wanted) {
    const FormatField* field = event.find(want.kernel_name);
    if (field == nullptr)
      return Error(ErrorCode::not_found,
                   format("event '{}' has no field '{}'", event.name, want.kernel_name));
    KPROBED_TRY(FieldOp op, compile_field(*field, want, order, word_bytes));
    if (!want.second_name.empty())
      KPROBED_TRY_VOID(join_second(event, *field, want.second_name, op));
    // A tracepoint's __dynamic_array may have no elements; a probe's text has at least its NUL.
    op.empty_is_fault = plan.ip || plan.func;
    plan.min_bytes = std::max(plan.min_bytes, op.offset + extent(op));
    plan.ops.push_back(std::move(op));
  }
  return plan;
}

}  // namespace kprobed::decode
