// SPDX-License-Identifier: Apache-2.0
#include "probespec/parse_word.h"

#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "base/format.h"
#include "base/text.h"
#include "probespec/numbers.h"
#include "probespec/suggest.h"
#include "probespec/symbol_place.h"

namespace kprobed::probespec {
namespace {

constexpr std::uint64_t kMaxAddress = std::numeric_limits<std::uint64_t>::max();

constexpr std::string_view kForms =
    "a parameter's name, a1 (argument), rv (return value), rp (return address), s0 (stack), r0 "
    "(register), m0xADDR, %REG, $argN, $retval, $stackN, $comm, @ADDR, @SYMBOL, +OFFSET(FETCH)";

bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

/// A hint for text that is no word at all.
std::string hint_for(std::string_view text) {
  if (is_one_of(text.back(), ",;")) return "fetchargs are separated by blanks";
  if (text[0] == '*' && text.size() > 1) {
    return format("what a pointer points to is +0({})", clipped(text.substr(1)));
  }
  if (text[0] == '&' && text.size() > 1) return "the address of a value cannot be fetched";
  if (text[0] == '"') return R"(a text of your own is written \"TEXT")";
  if (is_digit(text[0])) {
    return "memory at an address is m0xADDR, a dereference +OFFSET(FETCH), a number of your own "
           "\\5";
  }
  if (text[0] == '%' && text.find_first_of(".[>") != text.npos) {
    return "fields are known behind a parameter's name, a1 and rv, whose types are known";
  }
  const std::size_t at = text.find_first_of("+-");
  if (at != text.npos && at > 0 && at + 1 < text.size()) {
    if (is_digit(text[at + 1])) {
      return format("memory at an offset from a value is {}({})", clipped(text.substr(at)),
                    clipped(text.substr(0, at)));
    }
    return "a field is written a->b or a.b; nothing is calculated";
  }
  if (const auto meant = suggest_word(text); !meant.empty()) {
    return format("did you mean '{}'?", meant);
  }
  return format("write one of {}", kForms);
}

Error unknown(const Token& word) {
  return blame(word, ErrorCode::syntax, "unknown fetcharg " + quoted(word.text()),
               hint_for(word.text()));
}

/// The number that stands at `from` in the word. A wrong one blames the whole word: it is one
/// token.
Result<unsigned> number_of(const Token& word, std::size_t from) {
  auto n = read_index(word.part(from));
  if (!n.ok()) return std::move(n).error().at(word.span());
  return n;
}

Result<std::uint64_t> address_of(const Token& word) {
  auto address = read_number(word.part(1), kMaxAddress);
  if (!address.ok()) return std::move(address).error().at(word.span());
  return address;
}

Result<unsigned> argument_number(const Token& word, std::size_t from, std::string_view first) {
  KPROBED_TRY(const auto n, number_of(word, from));
  if (n == 0) {
    std::string hint = format("the first argument is {}", first);
    if (from == 1) hint += format("; a parameter of that name is written ${}", word.text());
    return blame(word, ErrorCode::bad_number, "arguments are numbered from 1", std::move(hint));
  }
  return n;
}

Result<FetchBase> parse_register(const Token& word) {
  const Token name = word.part(1);
  const std::string_view text = name.text();
  // Upper case: arm's ORIG_r0. Which names exist is the architecture's business.
  const std::size_t bad =
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
  if (text.empty()) {
    return blame(word, ErrorCode::syntax, "the register's name is missing after '%'",
                 "such as %di on x86-64, %x0 on arm64");
  }
  if (bad != std::string_view::npos) return unknown(word);
  return FetchBase(Register{std::string(text)});
}

/// "$stack" and what the kernel reads as "$argN" are its own words, whatever follows; any other
/// name behind '$' is a parameter's.
Result<FetchBase> parse_variable(const Token& word) {
  const std::string_view text = word.text();
  if (text == "$retval") return FetchBase(ReturnValue{false});
  if (text == "$comm" || text == "$COMM") return FetchBase(Comm{});
  if (text == "$args" || text == "$arg*") return FetchBase(AllArguments{});
  if (text == "$stack") return FetchBase(StackAddress{});
  if (begins_with(text, "$stack")) {
    if (is_digit(text[6])) {
      KPROBED_TRY(const auto n, number_of(word, 6));
      return FetchBase(StackEntry{n, false});
    }
    return blame(
        word, ErrorCode::syntax, "unknown fetcharg " + quoted(text),
        format("did you mean '$stack' or '$stack0'? a parameter of that name is written {} "
               "without '$'",
               clipped(text.substr(1))));
  }
  if (begins_with(text, "$arg") && text.size() > 4 && is_digit(text[4])) {
    KPROBED_TRY(const auto n, argument_number(word, 4, "$arg1"));
    return FetchBase(Argument{n, false});
  }
  if (is_identifier(text.substr(1))) return FetchBase(Named{std::string(text.substr(1)), true});
  return unknown(word);
}

Result<FetchBase> parse_memory(const Token& word) {
  const Token place = word.part(1);
  const std::string_view text = place.text();
  if (text.empty()) {
    return blame(word, ErrorCode::syntax, "the address is missing after '@'",
                 "write @ADDR, @SYMBOL, or @+OFFSET in a program");
  }
  if (text[0] == '+') {
    KPROBED_TRY(const auto offset, read_number(place.part(1), kMaxAddress));
    return FetchBase(FileMemory{offset});
  }
  if (text[0] == '-') {
    return blame(word, ErrorCode::syntax, "nothing lies before the begin of a file",
                 format("to read memory at an offset from a value write {}(FETCH)", clipped(text)));
  }
  if (is_digit(text[0])) {
    KPROBED_TRY(const auto address, address_of(word));
    return FetchBase(Memory{address, false});
  }
  KPROBED_TRY(auto symbol, parse_symbol_place(place));
  return FetchBase(SymbolMemory{std::move(symbol.symbol), symbol.offset});
}

/// \N, \-N, \+N (kernel/trace/trace_probe.c str_to_immediate), \"TEXT".
Result<FetchBase> parse_immediate(const Token& word) {
  const std::string_view text = word.text();
  if (begins_with(text, "\\\"")) {
    if (text.size() < 3 || text.back() != '"') {
      return blame(word, ErrorCode::syntax, "the text is not closed",
                   "a '\"' ends it; it cannot hold a blank, ':' or '#'");
    }
    return FetchBase(ImmediateText{std::string(text.substr(2, text.size() - 3))});
  }
  const bool negative = begins_with(text, "\\-");
  const bool sign = negative || begins_with(text, "\\+");
  constexpr std::uint64_t kMaxSigned = std::numeric_limits<std::int64_t>::max();
  auto number =
      read_number(word.part(sign ? 2 : 1), sign ? kMaxSigned + (negative ? 1 : 0) : kMaxAddress);
  if (!number.ok()) return std::move(number).error().at(word.span());
  return FetchBase(Immediate{*number, negative && *number != 0});
}

/// nullopt: not a word of 2009.
Result<std::optional<FetchBase>> parse_2009(const Token& word) {
  using Found = std::optional<FetchBase>;
  const std::string_view text = word.text();
  if (text == "rv") return Found(ReturnValue{true});
  if (text == "rp") return Found(ReturnAddress{});
  const Token number = word.part(1);
  if (text[0] == 'm' && !number.empty() && is_digit(text[1])) {
    auto address = address_of(word);
    if (!address.ok()) {
      // Some parameters are named so: m2p, m68k.
      if (!is_identifier(text)) return std::move(address).error();
      return std::move(address).error().with_hint(
          format("memory is m0xADDR; a parameter of that name is written ${}", clipped(text)));
    }
    return Found(Memory{*address, true});
  }
  if (!is_one_of(text[0], "ars") || !all_digits(number.text())) return Found(std::nullopt);
  if (text[0] == 'a') {
    KPROBED_TRY(const auto n, argument_number(word, 1, "a1"));
    return Found(Argument{n, true});
  }
  KPROBED_TRY(const auto n, number_of(word, 1));
  if (text[0] == 'r') return Found(RegisterWord{n});
  return Found(StackEntry{n, true});
}

}  // namespace

Result<FetchBase> parse_word(const Token& word) {
  if (word.empty()) {
    return blame(word, ErrorCode::syntax, "what to fetch is missing",
                 format("write one of {}", kForms));
  }
  switch (word.text()[0]) {
    case '%':
      return parse_register(word);
    case '$':
      return parse_variable(word);
    case '@':
      return parse_memory(word);
    case '\\':
      return parse_immediate(word);
    default:
      break;
  }
  KPROBED_TRY(const auto old, parse_2009(word));
  if (old) return *old;
  if (is_identifier(word.text())) return FetchBase(Named{std::string(word.text()), false});
  return unknown(word);
}

}  // namespace kprobed::probespec
