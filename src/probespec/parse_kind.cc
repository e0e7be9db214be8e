// SPDX-License-Identifier: Apache-2.0
#include "probespec/parse_kind.h"

#include <string>
#include <string_view>

#include "base/format.h"

namespace kprobed::probespec {
namespace {

Error removal(const Token& word) {
  return blame(word.part(0, word.text().substr(0, 2) == "-:" ? 2 : 1), ErrorCode::syntax,
               "a spec sets a probe, it cannot remove one",
               "names, which removing needs, cannot be chosen yet; write 'p POINT' or 'r POINT'");
}

Error event_name(const Token& colon_on, std::string_view letter) {
  return blame(colon_on, ErrorCode::syntax, "event names cannot be chosen yet, kprobed gives them",
               format("write '{}' alone, without ':NAME'", letter));
}

Error max_active(const Token& digits, std::string_view letter) {
  if (letter == "r") {
    return blame(digits, ErrorCode::syntax,
                 "the number of simultaneous calls (MAXACTIVE) cannot be chosen yet",
                 "write 'r' alone; the kernel then chooses");
  }
  return blame(digits, ErrorCode::syntax, "a number after 'p' has no meaning", "write 'p' alone");
}

/// The other letters of dynamic_events (kernel/trace/trace_{fprobe,uprobe,eprobe}.c).
std::string_view other_event(char letter) {
  switch (letter) {
    case 'e':
      return "an event probe";
    case 'f':
      return "a function (fprobe) event";
    case 's':
      return "a synthetic event";
    case 't':
      return "a tracepoint probe";
    default:
      return {};
  }
}

Error unknown(const Token& word) {
  const std::string_view text = word.text();
  std::string hint = "a spec begins with 'p' (at a function's entry) or 'r' (at its return)";
  const bool like_symbol =
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.") == std::string_view::npos;
  if (text == "P" || text == "probe" || text == "kprobe" || text == "entry") {
    hint = "write 'p' to probe a function's entry";
  } else if (text == "R" || text == "return" || text == "ret" || text == "kretprobe") {
    hint = "write 'r' to probe a function's return";
  } else if (like_symbol && text.size() > 2) {
    hint += ": p " + clipped(text);
  }
  return blame(word, ErrorCode::syntax, quoted(text) + " is not a kind of probe", std::move(hint));
}

}  // namespace

Result<ProbeKind> parse_kind(const Token& word) {
  const std::string_view text = word.text();
  if (text == "p") return ProbeKind::entry;
  if (text == "r") return ProbeKind::on_return;

  if (text[0] == '-' || text[0] == '!') return removal(word);
  // LETTER[DIGITS][:NAME]
  const std::size_t colon = text.find(':');
  const Token digits = word.part(1, colon == std::string_view::npos ? colon : colon - 1);
  const bool well_formed = colon != 0 && (digits.empty() || all_digits(digits.text()));
  const std::string_view letter = text.substr(0, 1);
  if (well_formed && (letter == "p" || letter == "r")) {
    return digits.empty() ? event_name(word.part(colon), letter) : max_active(digits, letter);
  }
  if (const auto other = other_event(text[0]); well_formed && !other.empty()) {
    return blame(word.part(0, 1), ErrorCode::syntax,
                 format("'{}' is {}, which is not a kprobe", letter, other),
                 "write 'p' to probe a function's entry or 'r' to probe its return");
  }
  return unknown(word);
}

}  // namespace kprobed::probespec
