// SPDX-License-Identifier: Apache-2.0
//
// One probe's field operations, compiled from the format file when the probe is armed, so that per
// event nothing is decided. Two walkers use it: the line encoder (stream, fast) and values()
// (plain; the oracle in tests, and for tools).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/byte_cursor.h"
#include "base/result.h"
#include "decode/format_file.h"
#include "decode/value_shape.h"

namespace kprobed::decode {

struct FieldOp {
  std::string name;  ///< in the output
  ValueShape shape;
  /// Of one number: 1, 2, 4, 8. Of text 4, its __data_loc word; 1 if it lies in the record itself.
  std::uint8_t bytes = 8;
  std::uint32_t offset = 0;  ///< from the start of the raw data
  bool relative = false;     ///< __rel_loc: its offset counts from the word's own end
  /// Text of length 0 could not be read: so says a probe's event. In a tracepoint it is empty.
  bool empty_is_fault = true;

  bool operator==(const FieldOp&) const = default;
};

/// What the one who arms wants from a record: the field of that name, shown that way.
struct WantedField {
  std::string name;         ///< in the output
  std::string kernel_name;  ///< in the format file
  ValueShape shape;
  // For the schema.
  Unreadable unreadable = Unreadable::never;
  std::string c_type = {};  ///< "" where unknown
  /// A number whose second half is the field of this name, right behind; "" for none.
  std::string second_name = {};

  bool operator==(const WantedField&) const = default;
};

/// All of an event's fields but the common ones, shown as their C declarations say: for tracepoints
/// of the kernel's. char arrays and __data_loc char[] are text, other arrays are arrays (of hex
/// where their length is the record's), pointers are hex, bool is boolean, the addresses that the
/// kernel puts before a probe's arguments are symbols, and all else are numbers, signed as the file
/// says. An array of no bytes at the end (`u32 buf[]` of size 0) is left out: how long it is stands
/// nowhere.
std::vector<WantedField> every_field(const EventFormat& event);

struct FieldPlan {
  ByteOrder order = kHostOrder;
  std::uint8_t word_bytes = 8;
  std::uint32_t min_bytes = 0;  ///< raw data shorter than this is malformed
  /// Offsets of the kernel's own words; nullopt where the event has none. entry probes have `ip`,
  /// return probes `func` and `ret_ip`.
  std::optional<std::uint32_t> ip, func, ret_ip;
  std::vector<FieldOp> ops;  ///< in the user's order

  bool operator==(const FieldPlan&) const = default;
};

/// Errors (`malformed`, `not_found`) name the field: one that the event has not, whose count is
/// another, or whose bytes cannot be shown like that.
Result<FieldPlan> compile(const EventFormat& format, const std::vector<WantedField>& wanted,
                          ByteOrder order, std::uint8_t word_bytes);

/// An unsigned value to be shown in hex; also symbols, which decode cannot name.
struct Hex {
  std::uint64_t value = 0;
  bool operator==(const Hex&) const = default;
};
/// The kernel could not read the memory.
struct Fault {
  bool operator==(const Fault&) const = default;
};
/// Where the field's bytes point outside the record.
struct Malformed {
  bool operator==(const Malformed&) const = default;
};
/// One value. text and character give their bytes, enumeration the string that is shown.
using Scalar = std::variant<std::uint64_t, std::int64_t, Hex, std::string, bool, Fault, Malformed>;
/// A value, or those of an array.
using Value = std::variant<Scalar, std::vector<Scalar>>;

/// Elements of an array in this record; nullopt if it says that they lie outside of it. The caller
/// has checked raw.size() >= plan.min_bytes.
std::optional<std::uint32_t> array_length(const FieldOp& op, Bytes raw, ByteOrder order);

/// The number at raw + op.offset + element * op.bytes (dynamic: where the record says), zero-
/// extended; sign-extended, as the bits of an int64, for signed_number and signed enumerations. The
/// caller has checked raw.size() >= plan.min_bytes, and element < array_length().
std::uint64_t read_number(const FieldOp& op, const std::byte* raw, ByteOrder order,
                          std::uint32_t element = 0);

/// The text of a field, without the closing NUL.
struct TextRef {
  enum class State : std::uint8_t { ok, fault, malformed } state = State::ok;
  std::string_view text;
};
/// Length 0 is the kernel's word for a fault in a __data_loc of a probe's event
/// (trace_probe_tmpl.h, store_trace_args); an empty string has length 1. The caller has checked
/// raw.size() >= plan.min_bytes, and element < array_length().
TextRef read_text(const FieldOp& op, Bytes raw, ByteOrder order, std::uint32_t element = 0);

/// The name of an enumeration's value; "" if it has none. No allocation.
std::string_view enumerator_name(const ValueShape& shape, std::int64_t value);

/// All fields of one record, in the plan's order. `malformed` if raw is shorter than the plan
/// needs.
Result<std::vector<Value>> values(const FieldPlan& plan, Bytes raw);

}  // namespace kprobed::decode
