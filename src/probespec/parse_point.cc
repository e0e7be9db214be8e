// SPDX-License-Identifier: Apache-2.0
//
// Points in the kernel: functions, instructions, patterns, events.
#include "probespec/parse_point.h"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>

#include "base/format.h"
#include "base/text.h"
#include "probespec/numbers.h"
#include "probespec/symbol_place.h"

namespace kprobed::probespec {
namespace {

constexpr std::uint64_t kMaxAddress = std::numeric_limits<std::uint64_t>::max();

/// "%return", "%all" and what else may be tried.
struct Suffix {
  Token token;  ///< with its '%'; empty if there is none
  bool returns = false;
  bool all = false;
};

Result<Suffix> parse_suffix(const Token& suffix, std::string_view point) {
  const std::string_view text = suffix.text();
  if (text.empty()) return Suffix{suffix};
  if (text == "%return") return Suffix{suffix, true, false};
  if (text == "%all") return Suffix{suffix, false, true};
  if (text == "%all%return" || text == "%return%all") {
    return blame(suffix, ErrorCode::syntax, "'%return' and '%all' cannot stand together",
                 format("write 'r {}%all'", clipped(point)));
  }
  // kernel/trace/trace_kprobe.c BAD_ADDR_SUFFIX
  return blame(suffix, ErrorCode::syntax, format("unknown suffix {}", quoted(text)),
               "behind a symbol stands '%return' (the function's return) or '%all' (every function "
               "of that name)");
}

/// Module names as the kernel knows them: '-' of the file name has become '_', a digit may lead
/// (8021q).
Result<std::string> parse_module(const Token& token) {
  const std::string name(token.text());
  if (name.empty()) {
    return blame(token, ErrorCode::syntax, "the module's name is missing before ':'",
                 "write MOD:SYMBOL, or SYMBOL alone for a function of the kernel itself");
  }
  if (is_pattern(name)) {
    return blame(token, ErrorCode::bad_name, "a pattern cannot stand for modules",
                 "write one spec for each module; without 'MOD:' a pattern looks into all of them");
  }
  std::string underscored = name;
  std::replace(underscored.begin(), underscored.end(), '-', '_');
  if (!is_identifier("_" + underscored)) {
    const bool like_file = name.find(".so") != name.npos;
    return blame(token, ErrorCode::bad_name, quoted(name) + " is not a module's name",
                 like_file ? "a library is named by its absolute path: /usr/lib/...:SYMBOL"
                           : "modules are named as /proc/modules shows them");
  }
  if (underscored != name) {
    return blame(token, ErrorCode::bad_name, "the kernel has no '-' in module names",
                 format("write {}", clipped(underscored)));
  }
  return name;
}

Result<std::uint64_t> parse_address(const Token& token) {
  const std::size_t sign = token.text().find_first_of("+-");
  if (sign == std::string_view::npos) return read_number(token, kMaxAddress);
  KPROBED_TRY(const auto base, read_number(token.part(0, sign), kMaxAddress));
  KPROBED_TRY(const auto offset, read_signed_offset(token.part(sign)));
  return blame(token.part(sign), ErrorCode::syntax, "an address takes no offset",
               format("write the sum, {:#x}", base + static_cast<std::uint64_t>(offset)));
}

/// The kernel reads an address only where it is the whole word (trace_kprobe.c, kstrtoul).
Result<void> parse_address_point(const Token& token, ProbeSpec& spec) {
  if (spec.mechanism == Mechanism::fprobe) {
    return blame(token, ErrorCode::wrong_place, "'f' takes the name of a function, not an address",
                 "write 'f SYMBOL', or 'p' to probe an address");
  }
  const std::size_t percent = std::min(token.text().find('%'), token.size());
  KPROBED_TRY(spec.point.address, parse_address(token.part(0, percent)));
  if (percent == token.size()) return {};
  const Token suffix = token.part(percent);
  return blame(suffix, ErrorCode::wrong_place, format("an address takes no {}", suffix.text()),
               suffix.text() == "%return" ? format("write 'r {:#x}'", *spec.point.address)
                                          : "write the address alone");
}

Error only_one(const Token& where, const ProbeSpec& spec, std::string_view what) {
  return blame(where, ErrorCode::wrong_place,
               format("{} cannot stand for the functions of '{}', each of which is one event", what,
                      spec.mechanism == Mechanism::fprobe ? 'f' : 't'),
               "write one spec for each, or probe them with 'p' or 'r'");
}

/// What a return probe and an fprobe say of an offset.
Result<void> check_offset(const ProbeSpec& spec, const Token& before, const Token& offset) {
  if (spec.point.offset == 0) return {};
  if (spec.mechanism == Mechanism::fprobe) {
    // kernel/trace/trace_fprobe.c takes a function, whose entry it is
    return blame(offset, ErrorCode::wrong_place,
                 "an fprobe stands at a function's entry or return, it takes no offset",
                 format("write 'p {}{:+}' to probe that instruction", clipped(before.text()),
                        spec.point.offset));
  }
  if (spec.kind == ProbeKind::on_return) {
    // kernel/trace/trace_kprobe.c BAD_RETPROBE: "Retprobe address must be an function entry".
    return blame(offset, ErrorCode::wrong_place,
                 "a return probe is set at a function's entry, it takes no offset",
                 format("write 'r {0}', or 'p {0}{1:+}' to probe that instruction",
                        clipped(before.text()), spec.point.offset));
  }
  if (spec.point.all) {
    return blame(offset, ErrorCode::wrong_place,
                 "functions of one name are probed at their entries, not at an offset",
                 format("write {}%all", clipped(before.text())));
  }
  return {};
}

Result<void> parse_function(const Token& token, ProbeSpec& spec) {
  const std::size_t percent = std::min(token.text().find('%'), token.size());
  Token place = token.part(0, percent);
  KPROBED_TRY(const auto suffix, parse_suffix(token.part(percent), place.text()));
  if (suffix.returns) spec.kind = ProbeKind::on_return;
  spec.point.all = suffix.all;

  if (const auto colon = place.text().find(':'); colon != std::string_view::npos) {
    KPROBED_TRY(spec.point.module, parse_module(place.part(0, colon)));
    place = place.part(colon + 1);
  }
  if (is_pattern(place.text())) {
    if (spec.mechanism == Mechanism::fprobe) return only_one(place, spec, "a pattern");
    KPROBED_TRY_VOID(check_pattern(place));
    if (suffix.all) {
      return blame(suffix.token, ErrorCode::syntax, "a pattern takes no '%all'",
                   format("write {}", clipped(token.part(0, percent).text())));
    }
    spec.point.symbol = place.text();
    spec.point.symbol_span = place.span();
    spec.point.pattern = true;
    return {};
  }
  KPROBED_TRY(auto symbol, parse_symbol_place(place));
  if (suffix.all && spec.mechanism == Mechanism::fprobe) {
    return only_one(suffix.token, spec, "'%all'");
  }
  spec.point.symbol = std::move(symbol.symbol);
  spec.point.offset = symbol.offset;
  spec.point.symbol_span = symbol.symbol_token.span();
  if (!symbol.offset_token) return {};
  spec.point.offset_span = symbol.offset_token->span();
  return check_offset(spec, token.part(0, percent - symbol.offset_token->size()),
                      *symbol.offset_token);
}

bool all_name_chars(std::string_view text, std::string_view others) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_name_char(c) || others.find(c) != std::string_view::npos;
  });
}

/// `what` it should name: "an event", "a tracepoint".
Result<void> check_event_name(const Token& name, std::string_view what, std::string_view others) {
  if (name.empty()) {
    return blame(name, ErrorCode::syntax, format("the name of {} is missing", what),
                 "events are written GROUP/EVENT, as in /sys/kernel/tracing/events");
  }
  if (is_pattern(name.text())) {
    return blame(name, ErrorCode::wrong_place, "a pattern cannot stand for events",
                 "write one spec for each event");
  }
  if (all_name_chars(name.text(), others)) return {};
  return blame(name, ErrorCode::bad_name,
               format("{} cannot be named {}", what, quoted(name.text())),
               "events are written GROUP/EVENT, as in /sys/kernel/tracing/events");
}

/// 't': GROUP/EVENT, GROUP:EVENT as perf and bpftrace write it, or the NAME of a raw tracepoint.
Result<void> parse_event_point(const Token& token, ProbeSpec& spec) {
  const std::string_view text = token.text();
  if (const auto percent = text.find('%'); percent != text.npos) {
    return blame(token.part(percent), ErrorCode::wrong_place,
                 format("an event takes no {}", quoted(text.substr(percent))),
                 "it does not return, and there is one of it: write the name alone");
  }
  const std::size_t slash = text.find_first_of("/:");
  if (slash == text.npos) {
    KPROBED_TRY_VOID(check_event_name(token, "a tracepoint", ""));
    if (is_digit(text[0])) {
      return blame(token, ErrorCode::bad_name, quoted(text) + " is not the name of a tracepoint",
                   "an event is written GROUP/EVENT, such as sched/sched_switch");
    }
    spec.point.symbol = text;
    return {};
  }
  const Token group = token.part(0, slash);
  const Token event = token.part(slash + 1);
  // A group may begin with a digit: 9p/9p_client_req.
  KPROBED_TRY_VOID(check_event_name(group, "an event group", "-"));
  KPROBED_TRY_VOID(check_event_name(event, "an event", ""));
  spec.mechanism = Mechanism::event;
  spec.point.group = group.text();
  spec.point.symbol = event.text();
  spec.point.symbol_span = event.span();
  return {};
}

}  // namespace

Result<void> parse_point(const Token& token, ProbeSpec& spec) {
  const std::string_view text = token.text();
  spec.point.span = token.span();
  spec.point.symbol_span = spec.point.span;
  if (text == "p" || text == "r") {
    return blame(token, ErrorCode::syntax, "the kind of probe is given twice",
                 "write one of 'p' and 'r', then the function");
  }
  if (spec.mechanism == Mechanism::tracepoint) return parse_event_point(token, spec);
  if (text.find('/') != text.npos || text[0] == '~') return parse_program_point(token, spec);
  if (is_digit(text[0]) && text.find(':') == text.npos) return parse_address_point(token, spec);
  return parse_function(token, spec);
}

}  // namespace kprobed::probespec
