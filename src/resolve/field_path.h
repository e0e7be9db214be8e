// SPDX-License-Identifier: Apache-2.0
//
// `->flags`, `.name` and `[2]` behind a value of a known C type: offsets and dereferences.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/byte_cursor.h"
#include "base/result.h"
#include "resolve/c_types.h"
#include "resolve/location.h"

namespace kprobed::resolve {

/// A value of a known C type, and where it is.
struct TypedPlace {
  Location at;
  CType type;
  /// For a bit-field: its place in the structure that `at` is the beginning of. Width 0: none.
  std::uint32_t bit_offset = 0, bit_width = 0;
};

/// Goes one step on. `name` is for messages: what the value is called, with the steps so far.
/// Errors carry the step's span: wrong_place (`.` where `->` belongs, no field), not_found (no such
/// field), bad_number (index), unsupported (what BTF does not know).
Result<void> take_step(TypedPlace& place, const probespec::FieldStep& step, std::string_view name);

/// A member by its name, those of anonymous members included; bit_offset is from the start of
/// `structure`.
std::optional<TypeMember> find_member(const CType& structure, std::string_view name);

/// The smallest container from which kprobe_events can take a bit-field, moved to it: `at` is then
/// the container's place. nullopt if none of 64 bits holds it.
std::optional<probespec::BitField> enter_bit_field(TypedPlace& place, ByteOrder order);

/// The offset in bytes of `structure.path[0].path[1]...`; nullopt if BTF has none of that name.
std::optional<std::uint32_t> member_offset(const TypeView& types, std::string_view structure,
                                           std::span<const std::string_view> path);

}  // namespace kprobed::resolve
