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

namespace kprobed::decode {

/// How a field is read and shown. The JSON type follows from it alone: unsigned_/signed_ are
/// numbers, hex and text are strings.
enum class Show : std::uint8_t { unsigned_number, signed_number, hex, text };

struct FieldOp {
  std::string name;  ///< in the output
  Show show = Show::hex;
  std::uint8_t bytes = 8;    ///< of one number: 1, 2, 4, 8; 4 for text (its __data_loc word)
  std::uint32_t offset = 0;  ///< from the start of the raw data

  bool operator==(const FieldOp&) const = default;
};

/// What the one who arms wants from a record: the field of that name, shown that way.
struct WantedField {
  std::string name;         ///< in the output
  std::string kernel_name;  ///< in the format file
  Show show = Show::hex;
};

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

/// Errors (`malformed`, `not_found`) name the field.
Result<FieldPlan> compile(const EventFormat& format, const std::vector<WantedField>& wanted,
                          ByteOrder order, std::uint8_t word_bytes);

/// An unsigned value to be shown in hex.
struct Hex {
  std::uint64_t value = 0;
  bool operator==(const Hex&) const = default;
};
/// The kernel could not read the memory.
struct Fault {
  bool operator==(const Fault&) const = default;
};
/// A value, or Malformed where the field's bytes point outside the record.
struct Malformed {
  bool operator==(const Malformed&) const = default;
};
using Value = std::variant<std::uint64_t, std::int64_t, Hex, std::string, Fault, Malformed>;

/// Reads the number of `op` at raw + op.offset, zero-extended (sign-extended for signed_number, as
/// the bits of an int64). The caller has checked raw.size() >= plan.min_bytes.
std::uint64_t read_number(const FieldOp& op, const std::byte* raw, ByteOrder order);

/// The text of a __data_loc field, without the closing NUL.
struct TextRef {
  enum class State : std::uint8_t { ok, fault, malformed } state = State::ok;
  std::string_view text;
};
/// Length 0 is the kernel's word for a fault (trace_probe_tmpl.h, store_trace_args); an empty
/// string has length 1. The caller has checked raw.size() >= plan.min_bytes.
TextRef read_text(const FieldOp& op, Bytes raw, ByteOrder order);

/// All fields of one record, in the plan's order. `malformed` if raw is shorter than the plan
/// needs.
Result<std::vector<Value>> values(const FieldPlan& plan, Bytes raw);

}  // namespace kprobed::decode
