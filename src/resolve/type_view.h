// SPDX-License-Identifier: Apache-2.0
//
// What resolving asks about C types: a small reading of BTF. `symbols` answers from the running
// kernel's; tests answer from what they build. Modifiers (const, volatile, restrict, type tags) are
// never seen here; typedefs are looked through, and only their names kept.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decode/value_shape.h"

namespace kprobed::resolve {

/// A type of one KernelView. `space` says whose BTF the id belongs to: 0 the kernel's, else a
/// module's, whose ids go on where the kernel's end. Ids mean something only to the TypeView that
/// gave them, and only until KernelView::release_types().
struct TypeId {
  std::uint32_t space = 0, id = 0;  ///< id 0 is void
  bool operator==(const TypeId&) const = default;
};

enum class TypeKind : std::uint8_t {
  nothing,  ///< void
  integer,  ///< also _Bool and char: see is_bool, is_char
  enumeration,
  pointer,
  array,
  structure,
  union_,
  function,  ///< a prototype, behind a pointer
  floating,
  unknown,  ///< a forward declaration, or what this program does not know
};

struct TypeInfo {
  TypeKind kind = TypeKind::unknown;
  /// As in C: "int", "struct open_how *", "enum hrtimer_mode", "char[16]", "umode_t" for a typedef.
  std::string c_name;
  std::uint32_t bytes = 0;  ///< sizeof; 0 where it has none
  bool is_signed = false;   ///< integer, enumeration
  bool is_bool = false;     ///< integer: _Bool
  /// integer of one byte that is a letter: char, or an 8-bit integer BTF marks as CHAR. Not u8.
  bool is_char = false;
  TypeId target;            ///< pointer: to what; array: of what
  std::uint32_t count = 0;  ///< array: elements; 0 for a flexible one
};

struct TypeMember {
  std::string name;  ///< "" for an anonymous struct or union, whose members count as the outer's
  TypeId type;
  std::uint32_t bit_offset = 0;  ///< from the start of the structure
  std::uint32_t bit_width = 0;   ///< 0: no bit-field
};

struct FunctionParameter {
  std::string name;  ///< may be ""
  TypeId type;
};

struct FunctionType {
  std::vector<FunctionParameter> parameters;
  TypeId returns;
  bool variadic = false;
};

class TypeView {
 public:
  virtual ~TypeView() = default;

  /// The prototype of a function of the kernel (module "") or of a module. nullopt: BTF has none
  /// (assembly, optimized away, or several functions of that name with different prototypes).
  virtual std::optional<FunctionType> function(std::string_view name,
                                               std::string_view module) const = 0;

  virtual TypeInfo describe(TypeId type) const = 0;

  /// Of a structure or union, in order; empty for anything else.
  virtual std::vector<TypeMember> members(TypeId type) const = 0;

  /// Of an enumeration, sorted by value, the first declared of equals; empty for anything else.
  virtual std::vector<decode::Enumerator> enumerators(TypeId type) const = 0;

  /// A type by its C name: "int", "umode_t", "struct file" ("file" is a typedef of that name).
  virtual std::optional<TypeId> find(std::string_view c_name) const = 0;

  /// The type of a global variable, where BTF has it (few kernels do, but for per-CPU ones).
  struct Variable {
    TypeId type;
    bool per_cpu = false;
  };
  virtual std::optional<Variable> variable(std::string_view name,
                                           std::string_view module) const = 0;
};

}  // namespace kprobed::resolve
