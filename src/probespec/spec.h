// SPDX-License-Identifier: Apache-2.0
//
// A parsed wish: what the user typed, as values. It describes and knows no system: whether a symbol
// exists, and which register holds argument 3, is `resolve`'s business. docs/spec.md is its
// grammar.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/span.h"

namespace kprobed::probespec {

enum class ProbeKind : std::uint8_t {
  entry,      ///< 'p': a kprobe, at a function's entry or any instruction
  on_return,  ///< 'r': a kretprobe
};

/// Where: SYMBOL[+offs|-offs] or MEMADDR, optionally MOD:SYMBOL.
struct ProbePoint {
  std::string module;                    ///< "" if none was written
  std::string symbol;                    ///< "" for an address
  std::int64_t offset = 0;               ///< bytes from the symbol; may be negative (the 2009 form)
  std::optional<std::uint64_t> address;  ///< MEMADDR
  Span span;                             ///< all of it
  Span symbol_span;                      ///< SYMBOL alone; the address if there is none
  Span offset_span;                      ///< with its sign; unknown if none was written

  bool operator==(const ProbePoint&) const = default;
};

// The word an argument's value starts from. `spelling_2009` tells `a1` from `$arg1`.

/// %NAME
struct Register {
  std::string name;
  bool operator==(const Register&) const = default;
};
/// rN
struct RegisterWord {
  unsigned n = 0;
  bool operator==(const RegisterWord&) const = default;
};
/// aN (N >= 1), $argN
struct Argument {
  unsigned n = 0;
  bool spelling_2009 = false;
  bool operator==(const Argument&) const = default;
};
/// sN, $stackN
struct StackEntry {
  unsigned n = 0;
  bool spelling_2009 = false;
  bool operator==(const StackEntry&) const = default;
};
/// $stack
struct StackAddress {
  bool operator==(const StackAddress&) const = default;
};
/// rv, $retval
struct ReturnValue {
  bool spelling_2009 = false;
  bool operator==(const ReturnValue&) const = default;
};
/// rp
struct ReturnAddress {
  bool operator==(const ReturnAddress&) const = default;
};
/// $comm
struct Comm {
  bool operator==(const Comm&) const = default;
};
/// mADDR, @ADDR
struct Memory {
  std::uint64_t address = 0;
  bool spelling_2009 = false;
  bool operator==(const Memory&) const = default;
};
/// @SYM[+off|-off]
struct SymbolMemory {
  std::string symbol;
  std::int64_t offset = 0;
  bool operator==(const SymbolMemory&) const = default;
};

using FetchBase = std::variant<Register, RegisterWord, Argument, StackEntry, StackAddress,
                               ReturnValue, ReturnAddress, Comm, Memory, SymbolMemory>;

/// One `+off(...)` or `+uoff(...)` around a fetch.
struct Deref {
  std::int64_t offset = 0;
  bool user = false;  ///< the 'u' form: user-space memory
  Span span;          ///< the sign, 'u' and number, without the parenthesis

  bool operator==(const Deref&) const = default;
};

/// A base value followed through memory: `+8(+16(%di))` is base %di, derefs {16, 8}: innermost
/// (applied first) first.
struct FetchExpr {
  FetchBase base;
  std::vector<Deref> derefs;
  Span span;       ///< the whole expression without NAME= and :TYPE
  Span base_span;  ///< the innermost word

  bool operator==(const FetchExpr&) const = default;
};

enum class BaseType : std::uint8_t {
  u8,
  u16,
  u32,
  u64,
  s8,
  s16,
  s32,
  s64,
  x8,
  x16,
  x32,
  x64,
  string,
  ustring
};

/// All of them, in the enum's order.
inline constexpr std::array kBaseTypes = {
    BaseType::u8,  BaseType::u16, BaseType::u32,    BaseType::u64,    BaseType::s8,
    BaseType::s16, BaseType::s32, BaseType::s64,    BaseType::x8,     BaseType::x16,
    BaseType::x32, BaseType::x64, BaseType::string, BaseType::ustring};

struct FetchType {
  BaseType base = BaseType::x64;
  Span span;

  bool operator==(const FetchType&) const = default;
};

struct FetchArg {
  /// As written before '='; "" if none was. argument_name() fills the gap.
  std::string name;
  FetchExpr expr;
  std::optional<FetchType> type;
  Span span;       ///< all of it
  Span name_span;  ///< unknown if no name was written

  bool operator==(const FetchArg&) const = default;
};

struct ProbeSpec {
  ProbeKind kind = ProbeKind::entry;
  ProbePoint point;
  std::vector<FetchArg> args;
  Span span;  ///< the whole spec, without a trailing comment

  bool operator==(const ProbeSpec&) const = default;
};

/// The name an argument goes by in the output: what was written before '=', else the 2009 word
/// itself (a1, s0, r3, rv, rp, m0xc0ffee), else "argN" with N its 1-based place, as the kernel
/// does. `index` is its place in ProbeSpec::args.
std::string argument_name(const FetchArg& arg, std::size_t index);

/// "u8" ... "ustring".
std::string_view word(BaseType type);

/// How many bytes a value of the type takes; 0 for strings.
unsigned size_of(BaseType type);

/// The canonical text: one blank between words, numbers as the kernel lists them. parse() of it
/// gives the same spec but for the spans; equal canonical text means equal specs.
std::string print(const ProbeSpec& spec);
std::string print(const ProbePoint& point);
std::string print(const FetchArg& arg);
std::string print(const FetchExpr& expr);

/// The same spec with every Span unknown, for comparing what two specs say.
ProbeSpec without_spans(ProbeSpec spec);

}  // namespace kprobed::probespec
