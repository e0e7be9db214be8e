// SPDX-License-Identifier: Apache-2.0
//
// How one value is fetched and shown: from the type that the user wrote, or from the C type that
// BTF knows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "decode/value_shape.h"
#include "probespec/spec.h"
#include "resolve/kernel_view.h"
#include "resolve/type_view.h"

namespace kprobed::resolve {

struct Reading {
  std::string element;  ///< the kernel's type, of one element: "s32", "b3@2/32", "string"
  unsigned bytes = 8;   ///< of one element in the record; of text its __data_loc
  unsigned count = 0;   ///< [N]; 0: one value
  decode::ValueShape shape;

  /// string, ustring, symstr: a __data_loc with text behind it.
  bool is_text() const;
  /// Text and everything with [N] is read where it lies, never out of a bare value
  /// (trace_probe.c, BAD_STRING).
  bool from_memory() const;
  /// "u8[16]"
  std::string kernel_type() const;

  bool operator==(const Reading&) const = default;
};

/// What types depend on.
struct TypeRules {
  unsigned word_bytes = 8;  ///< of the code that is probed: C's long, pointers
  bool user_program = false;
  bool overlapping = false;  ///< user memory must be asked for as such, with ustring or +u
  const KernelFeatures& features;
};

/// The machine word in hex: what has no type.
Reading word_reading(const TypeRules& rules);
/// Text in memory.
Reading text_reading(bool user);
/// Text of at most `bytes` (1 to kMaxBoundedText) in memory, kept in the record as plain bytes.
Reading bounded_text_reading(unsigned bytes);

/// The type as the user wrote it; %pd and %pD are the text that they lead to. Errors: unsupported.
Result<Reading> written_reading(const probespec::FetchType& type, const TypeRules& rules);

/// unsupported: what only plain `+0` could fetch lies in memory that only `+u0` reaches.
Error no_user_array();

/// A C type, with the id that the view knows it by.
struct CType {
  const TypeView* view = nullptr;  ///< null: nothing is known but `info`
  TypeId id;                       ///< of a pointer or array that we have made up: void
  TypeInfo info;

  static CType of(const TypeView& view, TypeId id) { return {&view, id, view.describe(id)}; }
  CType target() const { return of(*view, info.target); }

  bool is_pointer() const { return info.kind == TypeKind::pointer; }
  bool is_structure() const {
    return info.kind == TypeKind::structure || info.kind == TypeKind::union_;
  }
};

/// As people read the C type: integers by size and sign, enumerations by name, `char *` and char
/// arrays as text, other pointers in hex, pointers to functions as symbols. `cut` gets a sentence
/// where only a part of an array is read. Errors: wrong_place (structures, which need a field),
/// unsupported.
Result<Reading> default_reading(const CType& type, const TypeRules& rules, std::string& cut);

/// Bits of an integer, bool or enumeration; `offset` from the container's lowest bit.
Result<Reading> bits_reading(const CType& type, const probespec::BitField& bits);

/// "fields are: flags, mode, resolve", with the first 8 of a structure; "" for anything else.
std::string list_fields(const CType& type);

}  // namespace kprobed::resolve
