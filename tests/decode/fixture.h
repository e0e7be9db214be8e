// SPDX-License-Identifier: Apache-2.0
//
// Captured format files and records (tests/data), and bytes made by hand.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_cursor.h"
#include "decode/format_file.h"

namespace kprobed::decode {

using ByteVector = std::vector<std::byte>;

/// tests/data/PATH; an empty string, and a failure of the test, if it is not there.
std::string captured_text(const std::string& path);

/// tests/data/KERNEL/format/NAME, parsed.
EventFormat captured_format(const std::string& kernel, const std::string& name);

/// tests/data/KERNEL/records: a name, then its bytes in lines like xxd's.
struct CapturedRecord {
  std::string name;
  ByteVector bytes;
};
std::vector<CapturedRecord> captured_records(const std::string& kernel);
/// The nth (from 0) record of that name.
ByteVector captured_record(const std::string& kernel, std::string_view name, std::size_t nth = 0);

/// "09 00 00 00 | 02 00": bars and blanks are for the reader.
ByteVector from_hex(std::string_view text);

/// Appends a T in the given order.
template <std::integral T>
void put(ByteVector& bytes, T value, ByteOrder order = kHostOrder) {
  if (order != kHostOrder) value = swap_bytes(value);
  const auto* first = reinterpret_cast<const std::byte*>(&value);
  bytes.insert(bytes.end(), first, first + sizeof value);
}

/// Overwrites a T that is there.
template <std::integral T>
void patch(ByteVector& bytes, std::size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

}  // namespace kprobed::decode
