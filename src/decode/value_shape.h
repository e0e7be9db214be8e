// SPDX-License-Identifier: Apache-2.0
//
// How a field's bytes are read and shown: all that the JSON type depends on. Decided when a probe
// is resolved (from the spec's type, or from BTF), never from a value.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kprobed::decode {

enum class Show : std::uint8_t {
  unsigned_number,  ///< JSON number
  signed_number,    ///< JSON number
  hex,              ///< string "0x..."
  text,             ///< string; null where it could not be read
  character,        ///< string of one character; a byte that is no ASCII is shown as U+FFFD
  boolean,          ///< true, false
  symbol,           ///< string "vfs_read+0x4/0x1f0 [module]", as the kernel's %pS; else "0x..."
  enumeration,      ///< string: the enumerator's name; the number in digits where none has it
};

struct Enumerator {
  std::int64_t value = 0;
  std::string name;
  bool operator==(const Enumerator&) const = default;
};

struct ValueShape {
  Show show = Show::hex;
  std::uint32_t count = 0;  ///< of elements: a JSON array of so many; 0: one value
  /// Show::text out of a plain array of bytes in the record, whatever its elements are: ends at the
  /// first NUL, or after so many bytes. 0: the text is a __data_loc.
  std::uint32_t text_bytes = 0;
  bool is_signed = false;  ///< enumeration: how the number is extended
  /// enumeration: sorted by value; of several with one value the first declared.
  std::shared_ptr<const std::vector<Enumerator>> enumerators = nullptr;
  /// An array of numbers of which each record says how long it is (a __data_loc); `count` is 0.
  bool dynamic = false;

  bool is_array() const { return count != 0 || dynamic; }

  /// Of one number: only so many low bytes of the field; 0: all of them.
  std::uint8_t low_bytes = 0;

  bool operator==(const ValueShape& other) const {
    return show == other.show && low_bytes == other.low_bytes && count == other.count &&
           text_bytes == other.text_bytes && is_signed == other.is_signed &&
           dynamic == other.dynamic &&
           (enumerators == other.enumerators ||
            (enumerators && other.enumerators && *enumerators == *other.enumerators));
  }
};

/// What a value is where its memory cannot be read.
enum class Unreadable : std::uint8_t {
  never,  ///< it lies in a register, or in the record itself
  null,   ///< text: null, with the reason beside it
  zero,   ///< 0, or "" for bounded text: cannot be told from a real one
  stale,  ///< left from an earlier event, maybe of another process (KERNEL-FACTS 32)
};

/// As the protocol's `format` and `check -o json` say it: "unsigned", "hex", ...; never renamed.
std::string_view word(Show show);
/// The same of `unreadable`: "null", "zero", "stale"; "" for never.
std::string_view word(Unreadable unreadable);

}  // namespace kprobed::decode
