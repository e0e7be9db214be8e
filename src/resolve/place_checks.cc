// SPDX-License-Identifier: Apache-2.0
#include "resolve/place_checks.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/format.h"
#include "resolve/listing.h"
#include "resolve/variants.h"

namespace kprobed::resolve {

namespace {

using probespec::ProbeKind;
using probespec::ProbeSpec;

const Span& symbol_span(const ProbeSpec& spec) {
  return spec.point.symbol_span.known() ? spec.point.symbol_span : spec.point.span;
}

const Span& offset_span(const ProbeSpec& spec) {
  return spec.point.offset_span.known() ? spec.point.offset_span : spec.point.span;
}

Result<void> check_return(const ProbeSpec& spec, const Place& place) {
  if (spec.kind != ProbeKind::on_return) return {};
  if (!place.at_entry) {
    // kernel/trace/trace_kprobe.c, BAD_RETPROBE.
    return Error(
               ErrorCode::wrong_place,
               format("a return probe is set at a function's entry, and this is {}", place.text()))
        .with_hint(format("write 'r {}'", place.symbol))
        .at(spec.point.span);
  }
  if (is_cold(place.symbol)) {
    return Error(ErrorCode::wrong_place,
                 format("'{}' is a part that its function jumps to, so it does not return",
                        place.symbol))
        .with_hint(format("write 'r {}'", place.symbol.substr(0, place.symbol.find('.'))))
        .at(symbol_span(spec));
  }
  return {};
}

Result<void> check_blacklist(const ProbeSpec& spec, const KernelView& kernel, const Place& place) {
  if (place.address == 0 || kernel.blacklisted(place.address) != true) return {};
  // within_kprobe_blacklist, kernel/kprobes.c: what kprobes themselves run through.
  return Error(ErrorCode::bad_address,
               format("'{}' is on the kernel's blacklist: it must not be probed", place.symbol))
      .with_hint("probe a function that calls it")
      .at(symbol_span(spec));
}

/// "4 and 9": the offsets of the instructions before and behind.
std::string neighbours(const std::vector<Instruction>& code, std::uint64_t offset,
                       const Place& place) {
  const auto after = std::ranges::find_if(
      code, [offset](const Instruction& instruction) { return instruction.offset > offset; });
  std::vector<std::string> places;
  for (const auto at : {after - 1, after}) {
    if (at != code.end()) places.push_back(format("{}+{}", place.symbol, at->offset));
  }
  return join(places, " and ");
}

Result<void> check_boundary(const ProbeSpec& spec, const KernelView& kernel, Place& place) {
  if (place.at_entry || place.address == 0) return {};
  const Symbol function{place.symbol, place.module, place.address - place.offset, 't'};
  const auto read = kernel.disassemble(function);
  if (!read.ok() || read->instructions.empty()) return {};
  const std::vector<Instruction>& code = read->instructions;
  const auto at = std::ranges::find(code, place.offset, &Instruction::offset);
  const std::string hint = format("'kprobectl disasm {}' shows where a probe can be", place.symbol);
  if (at != code.end()) {
    if (at->refused.empty()) return {};
    place.remarks.push_back(
        {"boundary", format("the kernel may refuse a probe at {}: {}", place.text(), at->refused),
         hint, offset_span(spec)});
    return {};
  }
  const bool beyond = place.offset < code.front().offset ||
                      place.offset >= std::uint64_t{code.back().offset} + code.back().bytes;
  if (beyond || !read->incomplete.empty()) {
    place.remarks.push_back(
        {"boundary",
         format("whether an instruction begins at {} cannot be told{}{}", place.text(),
                read->incomplete.empty() ? "" : ": ", read->incomplete),
         hint, offset_span(spec)});
    return {};
  }
  // EILSEQ, BAD_INSN_BNDRY in kernel/trace/trace_kprobe.c.
  return Error(ErrorCode::bad_address,
               format("{} is inside an instruction; the nearest ones begin at {}", place.text(),
                      neighbours(code, place.offset, place)))
      .with_hint(hint)
      .at(offset_span(spec));
}

}  // namespace

Result<void> check_place(const ProbeSpec& spec, const KernelView& kernel, Place& place) {
  KPROBED_TRY_VOID(check_return(spec, place));
  if (place.deferred) return {};
  KPROBED_TRY_VOID(check_blacklist(spec, kernel, place));
  KPROBED_TRY_VOID(check_boundary(spec, kernel, place));
  if (kernel.traceable(place.symbol) == false) {
    // within_notrace_func, kernel/trace/trace_kprobe.c, unless CONFIG_KPROBE_EVENTS_ON_NOTRACE.
    place.remarks.push_back(
        {"notrace",
         format("ftrace cannot trace '{}', so most kernels refuse a probe on it", place.symbol), "",
         spec.point.span});
  }
  return {};
}

}  // namespace kprobed::resolve
