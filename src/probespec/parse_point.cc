// SPDX-License-Identifier: Apache-2.0
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

/// What other tools, or kprobe_events itself, would take here.
Result<void> refuse_other_forms(const Token& token) {
  const std::string_view text = token.text();
  if (text == "p" || text == "r") {
    return blame(token, ErrorCode::syntax, "the kind of probe is given twice",
                 "write one of 'p' and 'r', then the function");
  }
  if (text.find('/') != std::string_view::npos) {
    return blame(token, ErrorCode::syntax, quoted(text) + " is a file, not a kernel function",
                 "only the kernel's functions can be probed");
  }
  if (const auto at = text.find("%return"); at != std::string_view::npos) {
    return blame(token.part(at), ErrorCode::syntax, "'%return' does not belong to a point",
                 format("a return probe is written 'r {}'", clipped(text.substr(0, at))));
  }
  return {};
}

/// Module names as the kernel knows them: '-' of the file name has become '_', a digit may lead
/// (8021q).
Result<std::string> parse_module(const Token& token) {
  const std::string name(token.text());
  if (name.empty()) {
    return blame(token, ErrorCode::syntax, "the module's name is missing before ':'",
                 "write MOD:SYMBOL, or SYMBOL alone for a function of the kernel itself");
  }
  std::string underscored = name;
  std::replace(underscored.begin(), underscored.end(), '-', '_');
  if (!is_identifier("_" + underscored)) {
    return blame(token, ErrorCode::bad_name, quoted(name) + " is not a module's name",
                 "modules are named as /proc/modules shows them");
  }
  if (underscored != name) {
    return blame(token, ErrorCode::bad_name, "the kernel has no '-' in module names",
                 format("write {}", underscored));
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

}  // namespace

Result<ProbePoint> parse_point(const Token& token, ProbeKind kind) {
  KPROBED_TRY_VOID(refuse_other_forms(token));
  ProbePoint point;
  point.span = token.span();
  point.symbol_span = point.span;

  const std::size_t colon = token.text().find(':');
  if (colon == std::string_view::npos && is_digit(token.text()[0])) {
    KPROBED_TRY(point.address, parse_address(token));
    return point;
  }
  Token place = token;
  if (colon != std::string_view::npos) {
    KPROBED_TRY(point.module, parse_module(token.part(0, colon)));
    place = token.part(colon + 1);
  }
  KPROBED_TRY(auto symbol, parse_symbol_place(place));
  point.symbol = std::move(symbol.symbol);
  point.offset = symbol.offset;
  point.symbol_span = symbol.symbol_token.span();
  if (symbol.offset_token) point.offset_span = symbol.offset_token->span();

  if (kind == ProbeKind::on_return && point.offset != 0) {
    // kernel/trace/trace_kprobe.c BAD_RETPROBE: "Retprobe address must be an function entry".
    return blame(*symbol.offset_token, ErrorCode::wrong_place,
                 "a return probe is set at a function's entry, it takes no offset",
                 format("write 'r {0}', or 'p {0}{1:+}' to probe that instruction",
                        clipped(token.part(0, token.size() - symbol.offset_token->size()).text()),
                        point.offset));
  }
  return point;
}

}  // namespace kprobed::probespec
