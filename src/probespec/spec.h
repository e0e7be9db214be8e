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
  entry,      ///< stops where the point says
  on_return,  ///< stops when the function returns: 'r', or %return behind the point
};

/// Which machinery of the kernel the first word asks for.
enum class Mechanism : std::uint8_t {
  probe,       ///< 'p', 'r': a kprobe or kretprobe; a uprobe where the point has a path
  fprobe,      ///< 'f': an fprobe event (6.5), at a function's entry or return
  tracepoint,  ///< 't NAME': a probe event on a raw tracepoint (6.5)
  event,       ///< 't GROUP/EVENT': an event that the kernel has already, as it is
};

/// Where. In the kernel [MOD:]SYMBOL[+offs|-offs] or MEMADDR; in a program PATH:SYMBOL[+offs] or
/// PATH:OFFSET[(REFCTR)]; with Mechanism::event GROUP/EVENT; with Mechanism::tracepoint NAME.
struct ProbePoint {
  std::string module;                    ///< "" if none was written
  std::string path;                      ///< of a program or library: absolute; "" in the kernel
  std::string group;                     ///< Mechanism::event: the tracepoint's group
  std::string symbol;                    ///< or pattern, or event or tracepoint; "" for an address
  std::int64_t offset = 0;               ///< bytes from the symbol; may be negative (the 2009 form)
  std::optional<std::uint64_t> address;  ///< MEMADDR; with a path the OFFSET into that file
  std::optional<std::uint64_t> reference_counter;  ///< (REFCTR): a file offset; uprobes only
  bool pattern = false;  ///< symbol holds *, ? or [..] (fnmatch(3)); no offset then
  bool all = false;      ///< SYMBOL%all: every function of that name, compilers' variants included
  Span span;             ///< all of it
  Span symbol_span;      ///< SYMBOL alone; the address if there is none
  Span offset_span;      ///< with its sign; unknown if none was written

  /// May it stand for several functions?
  bool several() const { return pattern || all; }

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
/// A parameter by its name, `dfd`; with '$' in front it is never a 2009 word. With
/// Mechanism::event it is a field of that event.
struct Named {
  std::string name;
  bool dollar = false;
  bool operator==(const Named&) const = default;
};
/// $args, $arg*: every parameter under its name. With Mechanism::event: every field.
struct AllArguments {
  bool operator==(const AllArguments&) const = default;
};
/// \N, \-N: the number itself.
struct Immediate {
  std::uint64_t magnitude = 0;
  bool negative = false;
  bool operator==(const Immediate&) const = default;
};
/// \"TEXT": the text itself.
struct ImmediateText {
  std::string text;
  bool operator==(const ImmediateText&) const = default;
};
/// @+OFFSET: the memory where that place of the probed file is loaded; uprobes only.
struct FileMemory {
  std::uint64_t offset = 0;
  bool operator==(const FileMemory&) const = default;
};
/// $comm, $COMM
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
                               ReturnValue, ReturnAddress, Comm, Memory, SymbolMemory, Named,
                               AllArguments, Immediate, ImmediateText, FileMemory>;

/// One step from a value of a known C type to a part of it: `->name`, `.name`, `[index]`.
struct FieldStep {
  enum class Kind : std::uint8_t { arrow, dot, index } kind = Kind::arrow;
  std::string name;         ///< arrow, dot
  std::uint32_t index = 0;  ///< index
  Span span;                ///< with its "->", "." or brackets

  bool operator==(const FieldStep&) const = default;
};

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
  /// Behind the base, applied before the derefs: `how->flags`. Only behind Named, Argument and
  /// ReturnValue, whose C types BTF knows.
  std::vector<FieldStep> fields;
  std::vector<Deref> derefs;
  Span span;       ///< the whole expression without NAME= and :TYPE
  Span base_span;  ///< the innermost word, without fields

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
  ustring,
  character,  ///< "char": one byte as a letter
  symbol,     ///< an address as SYMBOL+offset
  symstr,     ///< the same, made text by the kernel
  c_int,      ///< "int" and so on: C's, as wide as they are on the machine
  c_uint,
  c_long,
  c_ulong,
  c_short,
  c_ushort,
  c_bool,
  c_ptr,
  dentry_name,  ///< "%pd": the name of the struct dentry that it points to
  file_name,    ///< "%pD": that of the struct file
};

/// All of them, in the enum's order.
inline constexpr std::array kBaseTypes = {
    BaseType::u8,      BaseType::u16,         BaseType::u32,       BaseType::u64,
    BaseType::s8,      BaseType::s16,         BaseType::s32,       BaseType::s64,
    BaseType::x8,      BaseType::x16,         BaseType::x32,       BaseType::x64,
    BaseType::string,  BaseType::ustring,     BaseType::character, BaseType::symbol,
    BaseType::symstr,  BaseType::c_int,       BaseType::c_uint,    BaseType::c_long,
    BaseType::c_ulong, BaseType::c_short,     BaseType::c_ushort,  BaseType::c_bool,
    BaseType::c_ptr,   BaseType::dentry_name, BaseType::file_name};

/// bWIDTH@OFFSET/CONTAINER: some bits of an unsigned number.
struct BitField {
  unsigned width = 0, offset = 0, container = 0;  ///< bits; the container 8, 16, 32 or 64
  bool operator==(const BitField&) const = default;
};

struct FetchType {
  BaseType base = BaseType::x64;
  std::optional<BitField> bits;  ///< then `base` means nothing
  unsigned count = 0;            ///< [N]: so many of it, 1 to 64; 0: one
  /// string{N}, ustring{N}: text of at most N bytes (1 to kMaxBoundedText), its NUL not counted, so
  /// that a record's size is known; 0: the kernel's own, up to 4,096.
  unsigned text_bytes = 0;
  Span span;

  bool operator==(const FetchType&) const = default;
};

/// The longest bounded text: an array of 64 words of 8 bytes is what kprobe_events can fetch.
inline constexpr unsigned kMaxBoundedText = 512;
/// MAX_ARRAY_LEN, kernel/trace/trace_probe.h.
inline constexpr unsigned kMaxArrayLength = 64;

struct FetchArg {
  /// As written before '='; "" if none was. argument_name() fills the gap.
  std::string name;
  FetchExpr expr;
  std::optional<FetchType> type;
  Span span;       ///< all of it
  Span name_span;  ///< unknown if no name was written

  bool operator==(const FetchArg&) const = default;
};

/// `FIELD OP VALUE`: `dfd >= 0`, `comm ~ "nginx*"`.
struct Comparison {
  /// How the user names it, printed canonically: an argument's name or expression without
  /// dereferences (`how->flags`, `$retval`, `a1`), or a word that every event has (comm, cpu, tid).
  std::string field;
  enum class Op : std::uint8_t { equal, unequal, less, at_most, greater, at_least, bits, like };
  Op op = Op::equal;                                             ///< == != < <= > >= & ~
  std::variant<std::int64_t, std::uint64_t, std::string> value;  ///< int64 only if negative
  bool quoted = false;  ///< a text in quotes; text without them is the name of an enumerator
  Span field_span, op_span, value_span;

  bool operator==(const Comparison&) const = default;
};

/// The tree behind `if`.
struct Condition {
  enum class Kind : std::uint8_t { compare, negate, all, any };  ///< FIELD OP VALUE, !, &&, ||
  Kind kind = Kind::compare;
  Comparison comparison;         ///< compare
  std::vector<Condition> parts;  ///< one of negate, two or more of all and any
  Span span;

  bool operator==(const Condition&) const = default;
};

struct ProbeSpec {
  ProbeKind kind = ProbeKind::entry;
  Mechanism mechanism = Mechanism::probe;
  std::string group, event;  ///< p:GROUP/EVENT: what the user calls it; "" if not written
  unsigned max_active = 0;   ///< rMAXACTIVE; 0: the kernel's default
  ProbePoint point;
  std::vector<FetchArg> args;
  std::optional<Condition> condition;
  Span span;        ///< the whole spec, without a trailing comment
  Span kind_span;   ///< its first word
  Span event_span;  ///< GROUP/EVENT; unknown if not written

  bool operator==(const ProbeSpec&) const = default;
};

/// The name an argument goes by in the output: what was written before '=', else the 2009 word
/// itself (a1, s0, r3, rv, rp, m0xc0ffee), else the parameter's name, or that of the last field
/// (`how->flags` is "flags"; an index follows it, "arr_2"), else "argN" with N its 1-based place,
/// as the kernel does. With dereferences around it only "argN" is left. `index` is its place in
/// ProbeSpec::args. AllArguments has none: "".
std::string argument_name(const FetchArg& arg, std::size_t index);

/// "u8" ... "%pD".
std::string_view word(BaseType type);

/// string, ustring: text in memory.
bool is_text(BaseType type);

/// "==" ... "~".
std::string_view word(Comparison::Op op);

/// The canonical text: one blank between words, numbers as the kernel lists them. parse() of it
/// gives the same spec but for the spans; equal canonical text means equal specs.
std::string print(const ProbeSpec& spec);
std::string print(const ProbePoint& point);
std::string print(const FetchArg& arg);
std::string print(const FetchExpr& expr);
std::string print(const FieldStep& step);  ///< "->flags", ".name", "[2]"
std::string print(const FetchType& type);
std::string print(const Condition& condition);

/// The same spec with every Span unknown, for comparing what two specs say.
ProbeSpec without_spans(ProbeSpec spec);

}  // namespace kprobed::probespec
