// SPDX-License-Identifier: Apache-2.0
#include "probespec/parse_arg.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/format.h"
#include "base/text.h"
#include "probespec/parse.h"
#include "probespec/parse_fetch.h"
#include "probespec/suggest.h"

namespace kprobed::probespec {
namespace {

constexpr std::string_view kTypes = "u8 u16 u32 u64 s8 s16 s32 s64 x8 x16 x32 x64 string ustring";

/// Fields that every event has already (kernel/trace/trace_probe.c reserved_field_names).
constexpr std::array<std::string_view, 8> kReservedNames = {
    "common_type", "common_flags", "common_preempt_count", "common_pid",
    "common_tgid", "__probe_ip",   "__probe_ret_ip",       "__probe_func"};

Result<void> check_name(const Token& token, const Token& equals) {
  const std::string_view name = token.text();
  if (name.empty()) {
    return blame(equals, ErrorCode::bad_name, "the name is missing before '='",
                 "write NAME=FETCH, or FETCH alone");
  }
  if (!is_identifier(name)) {
    return blame(token, ErrorCode::bad_name, quoted(name) + " cannot be a name",
                 "names are made of letters, digits and '_', and begin with no digit");
  }
  if (name.size() > kMaxArgNameBytes) {
    return blame(
        token, ErrorCode::too_long,
        format("the name has {} bytes, the kernel takes {}", name.size(), kMaxArgNameBytes),
        format("write {}", name.substr(0, kMaxArgNameBytes)));
  }
  if (std::find(kReservedNames.begin(), kReservedNames.end(), name) != kReservedNames.end()) {
    return blame(token, ErrorCode::bad_name, quoted(name) + " is a field of every event",
                 "choose another name");
  }
  return {};
}

Result<void> check_length(const Token& body, std::size_t bytes) {
  if (bytes <= kMaxArgExprBytes) return {};
  return blame(body, ErrorCode::too_long,
               format("the fetcharg has {} bytes, the kernel takes {}", bytes, kMaxArgExprBytes),
               "follow fewer pointers, or write offsets without leading zeros");
}

bool is_array(std::string_view type) { return type.find('[') != std::string_view::npos; }

/// bWIDTH@OFFSET/CONTAINER
bool is_bitfield(std::string_view type) {
  return type[0] == 'b' && type.find('@') != std::string_view::npos;
}

Result<FetchType> parse_type(const Token& colon_on) {
  const Token token = colon_on.part(1);
  const std::string_view text = token.text();
  if (text.empty()) {
    return blame(colon_on, ErrorCode::syntax, "the type is missing after ':'",
                 format("one of {}, or leave out the ':'", kTypes));
  }
  for (const BaseType type : kBaseTypes) {
    if (text == word(type)) return FetchType{type, token.span()};
  }
  if (is_array(text)) {
    return blame(token, ErrorCode::unknown_type, "arrays cannot be fetched yet",
                 "fetch the elements one by one: +0(a1):u32 +4(a1):u32");
  }
  if (is_bitfield(text)) {
    return blame(token, ErrorCode::unknown_type, "bit fields cannot be fetched yet",
                 "fetch the whole word that holds the bits, such as :x32");
  }
  std::string hint = format("the types are {}", kTypes);
  if (const auto meant = suggest_type(text); !meant.empty()) {
    hint = format("did you mean '{}'? {}", meant, hint);
  }
  return blame(token, ErrorCode::unknown_type, "unknown type " + quoted(text), std::move(hint));
}

template <typename Word>
bool is(const FetchExpr& expr) {
  return std::holds_alternative<Word>(expr.base);
}

/// A word of 2009: with a string type it stands for the text its value points to.
bool points_by_itself(const FetchBase& base) {
  struct {
    bool operator()(const RegisterWord&) const { return true; }
    bool operator()(const Argument& word) const { return word.spelling_2009; }
    bool operator()(const StackEntry& word) const { return word.spelling_2009; }
    bool operator()(const ReturnValue& word) const { return word.spelling_2009; }
    bool operator()(const Register&) const { return false; }
    bool operator()(const StackAddress&) const { return false; }
    bool operator()(const ReturnAddress&) const { return false; }
    bool operator()(const Comm&) const { return false; }
    bool operator()(const Memory&) const { return false; }
    bool operator()(const SymbolMemory&) const { return false; }
  } ask;
  return std::visit(ask, base);
}

bool is_text(const FetchArg& arg) {
  return arg.type && (arg.type->base == BaseType::string || arg.type->base == BaseType::ustring);
}

/// $comm is text by itself, @ADDR and dereferences are memory, and so read as text.
bool has_text(const FetchExpr& expr) {
  return !expr.derefs.empty() || is<Comm>(expr) || is<Memory>(expr) || is<SymbolMemory>(expr) ||
         points_by_itself(expr.base);
}

Result<void> check_kind(const FetchExpr& expr, const Token& word, ProbeKind kind) {
  if (kind == ProbeKind::entry && (is<ReturnValue>(expr) || is<ReturnAddress>(expr))) {
    return blame(word, ErrorCode::wrong_place,
                 format("'{}' exists only when the function returns", word.text()),
                 "begin the spec with 'r' instead of 'p'");
  }
  return {};
}

Result<void> check_derefs(const FetchArg& arg, const Token& fetch, const Token& word) {
  const FetchExpr& expr = arg.expr;
  if (!expr.derefs.empty() && (is<Comm>(expr) || is<ReturnAddress>(expr))) {
    return blame(word, ErrorCode::wrong_place, format("'{}' cannot be dereferenced", word.text()),
                 format("write {} alone", word.text()));
  }
  // What kernel/trace/trace_probe.c parse_probe_arg spends: one instruction for a value, two for
  // @ADDR, three for @SYMBOL, one for each dereference.
  std::size_t steps = 1 + expr.derefs.size();
  if (is<Memory>(expr)) steps += 1;
  if (is<SymbolMemory>(expr)) steps += 2;
  if (steps > kMaxFetchSteps) {
    return blame(fetch, ErrorCode::too_many, "more nested dereferences than the kernel follows",
                 format("leave out {} of them", steps - kMaxFetchSteps));
  }
  return {};
}

Result<void> check_type(const FetchArg& arg, const Token& fetch, const Token& type) {
  if (!arg.type) return {};
  const BaseType base = arg.type->base;
  if (is<Comm>(arg.expr) && base != BaseType::string) {
    return blame(type, ErrorCode::wrong_place, "'$comm' is text of the kernel's",
                 "write $comm:string, or $comm alone");
  }
  if (is<ReturnAddress>(arg.expr) && base != BaseType::x64 && base != BaseType::u64) {
    return blame(type, ErrorCode::wrong_place,
                 format("'rp' is an address, it cannot be {}", type.text()),
                 "write rp:x64, rp:u64, or rp alone");
  }
  if (is_text(arg) && !has_text(arg.expr)) {
    return blame(
        type, ErrorCode::wrong_place, format("'{}' is a value, not text", fetch.text()),
        format("for the text that it points to write +0({}):{}", fetch.text(), type.text()));
  }
  return {};
}

}  // namespace

Result<FetchArg> parse_arg(const Token& token, ProbeKind kind) {
  FetchArg arg;
  arg.span = token.span();
  Token body = token;
  if (const auto equals = token.text().find('='); equals != std::string_view::npos) {
    const Token name = token.part(0, equals);
    KPROBED_TRY_VOID(check_name(name, token.part(equals, 1)));
    arg.name = name.text();
    arg.name_span = name.span();
    body = token.part(equals + 1);
  }
  KPROBED_TRY_VOID(check_length(body, body.size()));
  KPROBED_TRY(auto parsed, parse_fetch(body));
  arg.expr = std::move(parsed.expr);
  if (!parsed.rest.empty()) {
    KPROBED_TRY(arg.type, parse_type(parsed.rest));
  }

  const Token fetch = body.part(0, body.size() - parsed.rest.size());
  KPROBED_TRY_VOID(check_kind(arg.expr, parsed.word, kind));
  KPROBED_TRY_VOID(check_derefs(arg, fetch, parsed.word));
  KPROBED_TRY_VOID(check_type(arg, fetch, parsed.rest.part(1)));
  // Printing makes addresses hexadecimal; what is printed must be readable again.
  KPROBED_TRY_VOID(check_length(body, print(arg).size() - (token.size() - body.size())));
  return arg;
}

}  // namespace kprobed::probespec
