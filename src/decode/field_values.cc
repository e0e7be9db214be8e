// SPDX-License-Identifier: Apache-2.0
//
// What one record says of its fields, by their plan.
#include <algorithm>
#include <cstring>

#include "base/format.h"
#include "decode/field_plan.h"

namespace kprobed::decode {
namespace {

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

/// What a __data_loc word says: low 16 bits where, high 16 how long.
struct Location {
  std::size_t offset = 0, length = 0;
};

Location read_location(const FieldOp& op, const std::byte* raw, ByteOrder order,
                       std::uint32_t element) {
  const std::size_t at = op.offset + std::size_t{element} * 4;
  const std::uint32_t word = load<std::uint32_t>(raw + at, order);
  const std::size_t origin = op.relative ? at + 4 : 0;
  return {origin + (word & 0xffff), word >> 16};
}

bool is_sign_extended(const ValueShape& shape) {
  return shape.show == Show::signed_number || (shape.show == Show::enumeration && shape.is_signed);
}

std::string enumeration_text(const ValueShape& shape, std::uint64_t bits) {
  const auto number = static_cast<std::int64_t>(bits);
  const std::string_view name = enumerator_name(shape, number);
  if (!name.empty()) return std::string(name);
  return shape.is_signed ? format("{}", number) : format("{}", bits);
}

Scalar text_value(const FieldOp& op, Bytes raw, ByteOrder order, std::uint32_t element) {
  const TextRef text = read_text(op, raw, order, element);
  switch (text.state) {
    case TextRef::State::ok:
      return std::string(text.text);
    case TextRef::State::fault:
      return Fault{};
    case TextRef::State::malformed:
      break;
  }
  return Malformed{};
}

Scalar scalar_value(const FieldOp& op, Bytes raw, ByteOrder order, std::uint32_t element) {
  if (op.shape.show == Show::text) return text_value(op, raw, order, element);
  const std::uint64_t bits = read_number(op, raw.data(), order, element);
  switch (op.shape.show) {
    case Show::unsigned_number:
      return bits;
    case Show::signed_number:
      return static_cast<std::int64_t>(bits);
    case Show::character:
      return std::string(1, static_cast<char>(bits));
    case Show::boolean:
      return bits != 0;
    case Show::enumeration:
      return enumeration_text(op.shape, bits);
    case Show::hex:
    case Show::symbol:
    case Show::text:
      break;
  }
  return Hex{bits};
}

Value field_value(const FieldOp& op, Bytes raw, ByteOrder order) {
  if (!op.shape.is_array()) return scalar_value(op, raw, order, 0);
  const std::optional<std::uint32_t> length = array_length(op, raw, order);
  if (!length) return Scalar(Malformed{});
  std::vector<Scalar> elements;
  elements.reserve(*length);
  for (std::uint32_t i = 0; i < *length; ++i) elements.push_back(scalar_value(op, raw, order, i));
  return elements;
}

}  // namespace

std::optional<std::uint32_t> array_length(const FieldOp& op, Bytes raw, ByteOrder order) {
  if (!op.shape.dynamic) return op.shape.count;
  const Location where = read_location(op, raw.data(), order, 0);
  if (where.length == 0) return 0;
  if (where.offset + where.length > raw.size() || where.length % op.bytes != 0) return std::nullopt;
  return static_cast<std::uint32_t>(where.length / op.bytes);
}

std::uint64_t read_number(const FieldOp& op, const std::byte* raw, ByteOrder order,
                          std::uint32_t element) {
  const std::size_t first =
      op.shape.dynamic ? read_location(op, raw, order, 0).offset : std::size_t{op.offset};
  const std::uint64_t bits =
      load_number(raw + first + std::size_t{element} * op.bytes, op.bytes, order);
  if (!is_sign_extended(op.shape)) return bits;
  const unsigned unused = 64 - 8U * op.bytes;
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(bits << unused) >> unused);
}

TextRef read_text(const FieldOp& op, Bytes raw, ByteOrder order, std::uint32_t element) {
  Location where;
  if (op.shape.text_bytes != 0) {
    where = {op.offset + std::size_t{element} * op.shape.text_bytes, op.shape.text_bytes};
  } else {
    where = read_location(op, raw.data(), order, element);
    // Before the range: 6.1 to 6.4 leave an offset to the text "(fault)" beside the length 0.
    if (where.length == 0)
      return {op.empty_is_fault ? TextRef::State::fault : TextRef::State::ok, {}};
  }
  if (where.offset + where.length > raw.size()) return {TextRef::State::malformed, {}};
  const char* text = reinterpret_cast<const char*>(raw.data() + where.offset);
  return {TextRef::State::ok, {text, ::strnlen(text, where.length)}};
}

std::string_view enumerator_name(const ValueShape& shape, std::int64_t value) {
  if (!shape.enumerators) return {};
  const auto found = std::ranges::lower_bound(*shape.enumerators, value, {}, &Enumerator::value);
  if (found == shape.enumerators->end() || found->value != value) return {};
  return found->name;
}

Result<std::vector<Value>> values(const FieldPlan& plan, Bytes raw) {
  if (raw.size() < plan.min_bytes)
    return Error(ErrorCode::malformed,
                 format("{} bytes of raw data where the event has {}", raw.size(), plan.min_bytes));
  std::vector<Value> all;
  all.reserve(plan.ops.size());
  for (const FieldOp& op : plan.ops) all.push_back(field_value(op, raw, plan.order));
  return all;
}

}  // namespace kprobed::decode
