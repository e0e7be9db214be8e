// SPDX-License-Identifier: Apache-2.0
//
// Points in programs and libraries: uprobes.
#include <algorithm>
#include <limits>
#include <string>
#include <string_view>

#include "base/format.h"
#include "probespec/numbers.h"
#include "probespec/parse_point.h"
#include "probespec/symbol_place.h"

namespace kprobed::probespec {
namespace {

constexpr std::uint64_t kMaxOffset = std::numeric_limits<std::uint64_t>::max();

/// Paths are looked up by the daemon, whose folder and home are not the user's.
Result<void> check_path(const Token& path, const Token& all) {
  const std::string_view text = path.text();
  if (begins_with(text, "~")) {
    return blame(path, ErrorCode::syntax, "'~' stands for a home folder only in a shell",
                 "write the absolute path: /home/...");
  }
  if (!begins_with(text, "/")) {
    return blame(path, ErrorCode::syntax, "a program is named by its absolute path",
                 format("write /.../{}; an event of the kernel is probed with 't GROUP/EVENT'",
                        clipped(text)));
  }
  if (path.size() == all.size()) {
    return blame(all.after(), ErrorCode::syntax, "the place in the file is missing",
                 format("write {0}:SYMBOL, or {0}:0xOFFSET", clipped(text)));
  }
  return {};
}

/// "(REFCTR)": where in the file the counter of a semaphore lies (kernel/trace/trace_uprobe.c).
Result<std::uint64_t> parse_reference_counter(const Token& parenthesis) {
  const std::string_view text = parenthesis.text();
  const std::size_t close = text.find(')');
  if (close == text.npos) {
    return blame(parenthesis.after(), ErrorCode::syntax, "a ')' is missing",
                 "a reference counter's place in the file is written (0xOFFSET)");
  }
  if (close + 1 != text.size()) {
    const Token stray = parenthesis.part(close + 1);
    return blame(stray, ErrorCode::syntax, format("unexpected {} after ')'", quoted(stray.text())),
                 "'%return' stands before the '(' of a reference counter");
  }
  return read_number(parenthesis.part(1, close - 1), kMaxOffset);
}

Result<void> check_head(const ProbeSpec& spec, const Token& all) {
  if (spec.mechanism == Mechanism::fprobe) {
    return blame(all, ErrorCode::wrong_place, "'f' probes functions of the kernel, not programs",
                 "write 'p' or 'r'");
  }
  if (spec.max_active != 0) {
    Error error(ErrorCode::wrong_place, "how many calls may be under way is not limited here");
    return std::move(error)
        .with_hint("write 'r' alone: MAXACTIVE is for functions of the kernel")
        .at(spec.kind_span);
  }
  return {};
}

Result<void> parse_file_offset(const Token& place, ProbeSpec& spec) {
  KPROBED_TRY(spec.point.address, read_number(place, kMaxOffset));
  spec.point.symbol_span = place.span();
  return {};
}

Result<void> parse_function(const Token& place, ProbeSpec& spec) {
  if (is_pattern(place.text())) {
    return blame(place, ErrorCode::wrong_place,
                 "a pattern cannot stand for functions of a program, each of which is one event",
                 "write one spec for each function");
  }
  KPROBED_TRY(auto symbol, parse_symbol_place(place));
  spec.point.symbol = std::move(symbol.symbol);
  spec.point.offset = symbol.offset;
  spec.point.symbol_span = symbol.symbol_token.span();
  if (!symbol.offset_token) return {};
  const Token& offset = *symbol.offset_token;
  spec.point.offset_span = offset.span();
  if (spec.point.offset < 0) {
    return blame(
        offset, ErrorCode::wrong_place, "a place in a program lies behind its symbol",
        format("write {}+OFFSET, or the place in the file: 0xOFFSET", clipped(spec.point.symbol)));
  }
  if (spec.kind == ProbeKind::on_return && spec.point.offset != 0) {
    // Elsewhere the word on top of the stack is not the return address that gets replaced.
    return blame(offset, ErrorCode::wrong_place,
                 "a return probe is set at a function's entry, it takes no offset",
                 format("write {}", clipped(spec.point.symbol)));
  }
  return {};
}

}  // namespace

Result<void> parse_program_point(const Token& token, ProbeSpec& spec) {
  // The path itself may hold a ':' (kernel/trace/trace_uprobe.c takes the last one as well).
  const std::size_t colon = std::min(token.text().rfind(':'), token.size());
  const Token path = token.part(0, colon);
  KPROBED_TRY_VOID(check_path(path, token));
  KPROBED_TRY_VOID(check_head(spec, token));
  spec.point.path = path.text();

  Token place = token.part(colon + 1);
  if (place.empty()) {
    return blame(place, ErrorCode::syntax, "the place in the file is missing after ':'",
                 "write a symbol, or an offset such as 0x1040");
  }
  if (place.text().find('/') != std::string_view::npos) {
    return blame(place, ErrorCode::syntax, "the place in the file is missing",
                 "behind the path stands ':' and a symbol, or an offset such as 0x1040");
  }
  const std::size_t open = std::min(place.text().find('('), place.size());
  const Token parenthesis = place.part(open);
  place = place.part(0, open);
  const std::size_t percent = std::min(place.text().find('%'), place.size());
  const Token suffix = place.part(percent);
  place = place.part(0, percent);
  if (suffix.text() == "%return") {
    spec.kind = ProbeKind::on_return;
  } else if (!suffix.empty()) {
    return blame(suffix, ErrorCode::wrong_place,
                 format("a place in a program takes no {}", quoted(suffix.text())),
                 "only '%return' may follow it");
  }

  const bool by_offset = !place.empty() && is_digit(place.text()[0]);
  if (by_offset) {
    KPROBED_TRY_VOID(parse_file_offset(place, spec));
  } else {
    KPROBED_TRY_VOID(parse_function(place, spec));
  }
  if (parenthesis.empty()) return {};
  if (!by_offset) {
    return blame(parenthesis, ErrorCode::wrong_place,
                 "a reference counter belongs to an offset into the file",
                 "write PATH:0xOFFSET(0xREFCTR)");
  }
  KPROBED_TRY(spec.point.reference_counter, parse_reference_counter(parenthesis));
  return {};
}

}  // namespace kprobed::probespec
