// SPDX-License-Identifier: Apache-2.0
#include "decode/field_plan.h"

#include <algorithm>
#include <cstring>

#include "base/format.h"

namespace kprobed::decode {
namespace {

Error malformed(const FormatField& field, std::string_view what) {
  return Error(ErrorCode::malformed,
               format("field '{}' ({}, {} bytes) {}", field.name, field.type, field.size, what));
}

Result<FieldOp> compile_field(const FormatField& field, const WantedField& wanted) {
  FieldOp op;
  op.name = wanted.name;
  op.show = wanted.show;
  op.offset = field.offset;
  // One value per field is what the output has room for; arrays are separate fields there.
  if (field.count != 0) return malformed(field, "is an array");
  if (wanted.show == Show::text) {
    if (!field.data_loc) return malformed(field, "is not text");
    op.bytes = 4;
    return op;
  }
  // __rel_loc counts from the field itself (5.17, trace_events.h); kprobe events never use it.
  if (field.data_loc || field.type.starts_with("__rel_loc"))
    return malformed(field, "is text, not a number");
  if (field.size != 1 && field.size != 2 && field.size != 4 && field.size != 8)
    return malformed(field, "has no number's size");
  op.bytes = static_cast<std::uint8_t>(field.size);
  return op;
}

Result<std::optional<std::uint32_t>> kernel_word(const EventFormat& format, std::string_view name,
                                                 std::uint8_t word_bytes) {
  const FormatField* field = format.find(name);
  if (field == nullptr) return std::optional<std::uint32_t>();
  if (field->size != word_bytes || field->count != 0 || field->data_loc)
    return malformed(*field, "is not a word of the kernel");
  return std::optional(field->offset);
}

std::uint64_t load_number(const std::byte* at, std::uint8_t bytes, ByteOrder order) {
  switch (bytes) {
    case 1:
      return load<std::uint8_t>(at, order);
    case 2:
      return load<std::uint16_t>(at, order);
    case 4:
      return load<std::uint32_t>(at, order);
    default:
      return load<std::uint64_t>(at, order);
  }
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
    KPROBED_TRY(FieldOp op, compile_field(*field, want));
    plan.min_bytes = std::max(plan.min_bytes, op.offset + op.bytes);
    plan.ops.push_back(std::move(op));
  }
  return plan;
}

std::uint64_t read_number(const FieldOp& op, const std::byte* raw, ByteOrder order) {
  const std::uint64_t bits = load_number(raw + op.offset, op.bytes, order);
  if (op.show != Show::signed_number) return bits;
  const unsigned unused = 64 - 8U * op.bytes;
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(bits << unused) >> unused);
}

TextRef read_text(const FieldOp& op, Bytes raw, ByteOrder order) {
  const std::uint32_t word = load<std::uint32_t>(raw.data() + op.offset, order);
  const std::size_t offset = word & 0xffff;
  const std::size_t length = word >> 16;
  // Before the range: 6.1 to 6.4 leave an offset to the text "(fault)" beside the length 0.
  if (length == 0) return {TextRef::State::fault, {}};
  if (offset + length > raw.size()) return {TextRef::State::malformed, {}};
  const char* text = reinterpret_cast<const char*>(raw.data() + offset);
  return {TextRef::State::ok, {text, ::strnlen(text, length)}};
}

Result<std::vector<Value>> values(const FieldPlan& plan, Bytes raw) {
  if (raw.size() < plan.min_bytes)
    return Error(ErrorCode::malformed,
                 format("{} bytes of raw data where the event has {}", raw.size(), plan.min_bytes));
  std::vector<Value> all;
  all.reserve(plan.ops.size());
  for (const FieldOp& op : plan.ops) {
    if (op.show == Show::text) {
      const TextRef text = read_text(op, raw, plan.order);
      if (text.state == TextRef::State::ok)
        all.emplace_back(std::string(text.text));
      else if (text.state == TextRef::State::fault)
        all.emplace_back(Fault{});
      else
        all.emplace_back(Malformed{});
      continue;
    }
    const std::uint64_t bits = read_number(op, raw.data(), plan.order);
    if (op.show == Show::hex)
      all.emplace_back(Hex{bits});
    else if (op.show == Show::signed_number)
      all.emplace_back(static_cast<std::int64_t>(bits));
    else
      all.emplace_back(bits);
  }
  return all;
}

}  // namespace kprobed::decode
