// SPDX-License-Identifier: Apache-2.0
//
// The kernel's own description of an event's record: events/GRP/EV/format.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace kprobed::decode {

struct FormatField {
  std::string type;  ///< as spelled: "u64", "__data_loc char[]", "unsigned char"
  std::string name;
  std::uint32_t offset = 0, size = 0;  ///< bytes from the start of the raw data
  bool is_signed = false;
  bool data_loc = false;    ///< u32: low 16 bits offset, high 16 length of what lies behind
  std::uint32_t count = 0;  ///< elements of an array; 0: not an array, or one of no bytes
  /// A data_loc whose offset counts from its own end: __rel_loc (5.17, trace_events.h).
  bool relative = false;

  bool operator==(const FormatField&) const = default;
};

struct EventFormat {
  std::string name;
  std::uint32_t id = 0;
  std::vector<FormatField> fields;  ///< the common ones too, in the file's order

  const FormatField* find(std::string_view field) const;
  bool operator==(const EventFormat&) const = default;
};

/// Errors are `malformed`. Fields that overlap the end of 64 KiB are refused here, once.
Result<EventFormat> parse_format(std::string_view text);

}  // namespace kprobed::decode
