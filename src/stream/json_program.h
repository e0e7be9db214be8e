// SPDX-License-Identifier: Apache-2.0
//
// An EventPlan compiled for the fast encoder (json_encoder.h), once, when the probe is armed: what
// stands between the values is text already, and each value is one operation.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "stream/event_plan.h"

namespace kprobed::stream {

/// How a value's bytes become text. Numbers are read in one of four widths.
enum class JsonOpKind : std::uint8_t {
  unsigned_8,
  unsigned_16,
  unsigned_32,
  unsigned_64,
  signed_8,
  signed_16,
  signed_32,
  signed_64,
  hex_8,
  hex_16,
  hex_32,
  hex_64,
  boolean,
  text,           ///< where a __data_loc word says
  text_in_place,  ///< in the record itself
  character,
  symbol,
  enumeration,
  array,  ///< of one of these
};

/// A number that is shown as "0x...".
constexpr bool is_hex(JsonOpKind kind) {
  return kind >= JsonOpKind::hex_8 && kind <= JsonOpKind::hex_64;
}

/// Small, as the encoder goes through them for every event.
struct JsonOp {
  JsonOpKind kind = JsonOpKind::unsigned_64;
  JsonOpKind element = JsonOpKind::unsigned_64;  ///< of an array
  std::uint16_t before_bytes = 0;
  std::uint32_t before = 0;  ///< literals: what stands before the value
  std::uint32_t offset = 0;  ///< from the start of the raw data
  std::uint32_t field = 0;   ///< in JsonProgram::fields
};

struct JsonProgram {
  std::uint64_t id = 0;                 ///< of this program alone, never given again
  std::string literals;                 ///< some bytes longer than what is used, for put_blocks()
  std::vector<JsonOp> ops;              ///< the arguments, in their order
  std::vector<decode::FieldOp> fields;  ///< the same, for what is more than a number
  std::uint32_t after = 0, after_bytes = 0;  ///< literals: what closes them
  std::size_t fixed_room = 0;                ///< literals and numbers of one line, without the head
  bool swap = false;                         ///< the record is of the other byte order
  bool is_return = false;                    ///< is_return() of its events
  bool in_program = false;                   ///< is_in_program() of them
  bool has_members = false;                  ///< its place depends on the event
  /// `"probe":...,"kind":"p"`, then the place unless that depends on the event.
  std::string label;
};

/// `plan.fields` and `plan.label` must not change any more.
std::shared_ptr<const JsonProgram> compile_json(const EventPlan& plan);

}  // namespace kprobed::stream
