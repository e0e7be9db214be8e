// SPDX-License-Identifier: Apache-2.0
#include "probespec/parse_head.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/format.h"
#include "base/text.h"
#include "probespec/numbers.h"
#include "probespec/parse.h"

namespace kprobed::probespec {
namespace {

constexpr std::string_view kKinds =
    "a spec begins with 'p' (at a function's entry), 'r' (at its return), 'f' (an fprobe) or 't' "
    "(an event of the kernel's)";

/// '-:NAME' and '!p:NAME' of dynamic_events.
Error removal(const Token& word) {
  const std::string_view text = word.text();
  const std::size_t colon = text.find(':');
  const std::string_view name = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  return blame(word.part(0, begins_with(text, "-:") ? 2 : 1), ErrorCode::syntax,
               "a spec sets a probe, it cannot remove one",
               format("write 'kprobectl remove {}'", name.empty() ? "NAME" : clipped(name)));
}

/// The other letters of dynamic_events (kernel/trace/trace_{uprobe,eprobe,events_synth}.c).
struct OtherLetter {
  char letter;
  std::string_view what;
  std::string_view instead;
};
constexpr OtherLetter kOtherLetters[] = {
    {'e', "an event probe", "for an event that the kernel has already write 't GROUP/EVENT'"},
    {'s', "a synthetic event", "for an event that the kernel has already write 't GROUP/EVENT'"},
    {'u', "a uprobe to other tools", "a program is probed with 'p /path:SYMBOL'"},
};

Error unknown(const Token& word) {
  const std::string_view text = word.text();
  std::string hint(kKinds);
  const bool like_symbol =
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.") == std::string_view::npos;
  if (text == "P" || text == "probe" || text == "kprobe" || text == "entry" || text == "uprobe") {
    hint = "write 'p' to probe a function's entry";
  } else if (text == "R" || text == "return" || text == "ret" || text == "kretprobe") {
    hint = "write 'r' to probe a function's return";
  } else if (text == "F" || text == "fprobe" || text == "fentry") {
    hint = "write 'f' for an fprobe";
  } else if (text == "T" || text == "tracepoint" || text == "event") {
    hint = "write 't' for an event of the kernel's";
  } else if (like_symbol && text.size() > 2) {
    hint = format("to probe the function's entry write: p {}", clipped(text));
  }
  return blame(word, ErrorCode::syntax, quoted(text) + " is not a kind of probe", std::move(hint));
}

/// kernel/trace/trace_kprobe.c KRETPROBE_MAXACTIVE_MAX: the instances are looked through one by
/// one.
Result<unsigned> parse_max_active(const Token& digits, char letter) {
  if (letter != 'r') {
    return blame(
        digits, ErrorCode::syntax, format("a number after '{}' has no meaning", letter),
        format("write '{}' alone; how many calls may be under way at once is said of 'r'", letter));
  }
  KPROBED_TRY(const auto number, read_number(digits, kMaxActive));
  if (number == 0) {
    return blame(digits, ErrorCode::bad_number, "at least one call must be possible at once",
                 "write 'r' alone; the kernel then chooses");
  }
  return static_cast<unsigned>(number);
}

Result<void> check_name(const Token& name, std::string_view what, bool good,
                        std::string_view rule) {
  if (!good) {
    return blame(name, ErrorCode::bad_name,
                 format("{} cannot be the name of {}", quoted(name.text()), what),
                 std::string(rule));
  }
  if (name.size() > kMaxEventNameBytes) {
    return blame(
        name, ErrorCode::too_long,
        format("the name has {} bytes, the kernel takes {}", name.size(), kMaxEventNameBytes),
        format("write {}", clipped(name.text().substr(0, kMaxEventNameBytes))));
  }
  return {};
}

/// [GROUP/]EVENT, GROUP.EVENT or GROUP/ (kernel/trace/trace_probe.c traceprobe_parse_event_name).
Result<void> parse_names(const Token& token, ProbeSpec& spec) {
  const std::size_t slash = std::min(token.text().find('/'), token.text().find('.'));
  Token event = token;
  if (slash != std::string_view::npos) {
    const Token group = token.part(0, slash);
    if (group.empty()) {
      return blame(token.part(0, 1), ErrorCode::syntax, "the group's name is missing before '/'",
                   "write :GROUP/EVENT, or :EVENT alone");
    }
    // A group may hold '-', an event may not (kernel/trace/trace.h is_good_system_name).
    std::string plain(group.text());
    std::replace(plain.begin() + 1, plain.end(), '-', '_');
    KPROBED_TRY_VOID(check_name(group, "a group", is_identifier(plain),
                                "groups are named with letters, digits, '_' and '-', and begin "
                                "with none of digit and '-'"));
    spec.group = group.text();
    event = token.part(slash + 1);
    if (event.empty()) return {};  // GROUP/: the name within it is the kernel's to make (6.0)
  }
  KPROBED_TRY_VOID(
      check_name(event, "an event", is_identifier(event.text()),
                 "events are named with letters, digits and '_', and begin with no digit"));
  spec.event = event.text();
  return {};
}

}  // namespace

Result<ProbeSpec> parse_head(const Token& word) {
  const std::string_view text = word.text();
  if (text[0] == '-' || text[0] == '!') return removal(word);

  // LETTER[DIGITS][:NAMES]. A number may be hexadecimal (kstrtouint base 0).
  const std::size_t colon = std::min(text.find(':'), text.size());
  const Token number = word.part(1, colon == 0 ? 0 : colon - 1);
  const bool well_formed = colon != 0 && (number.empty() || is_digit(number.text()[0]));
  if (!well_formed) return unknown(word);

  ProbeSpec spec;
  spec.kind_span = word.span();
  switch (text[0]) {
    case 'p':
      break;
    case 'r':
      spec.kind = ProbeKind::on_return;
      break;
    case 'f':
      spec.mechanism = Mechanism::fprobe;
      break;
    case 't':
      spec.mechanism = Mechanism::tracepoint;
      break;
    default: {
      const auto* const other =
          std::find_if(std::begin(kOtherLetters), std::end(kOtherLetters),
                       [&](const OtherLetter& row) { return row.letter == text[0]; });
      if (other == std::end(kOtherLetters)) return unknown(word);
      return blame(word.part(0, 1), ErrorCode::syntax,
                   format("'{}' is {}", text.substr(0, 1), other->what),
                   std::string(other->instead));
    }
  }
  if (!number.empty()) {
    KPROBED_TRY(spec.max_active, parse_max_active(number, text[0]));
  }
  if (colon == text.size()) return spec;
  const Token names = word.part(colon + 1);
  if (names.empty()) {
    return blame(word.part(colon), ErrorCode::syntax, "the name is missing after ':'",
                 format("write {0}:NAME, or '{0}' alone", clipped(text.substr(0, colon))));
  }
  KPROBED_TRY_VOID(parse_names(names, spec));
  spec.event_span = names.span();
  return spec;
}

}  // namespace kprobed::probespec
