// SPDX-License-Identifier: Apache-2.0
#include "resolve/binary_place.h"

#include <string>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace kprobed::resolve {

namespace {

using probespec::ProbePoint;

const Span& known_or(const Span& span, const Span& otherwise) {
  return span.known() ? span : otherwise;
}

/// Which part of the point KernelView::binary_place speaks about.
Span blamed(ErrorCode code, const ProbePoint& point) {
  const Span& symbol = known_or(point.symbol_span, point.span);
  switch (code) {
    case ErrorCode::symbol_not_found:
    case ErrorCode::symbol_not_unique:
      return symbol;
    case ErrorCode::bad_address:
      return known_or(point.offset_span, symbol);
    default:
      return path_span(point);
  }
}

}  // namespace

Span path_span(const ProbePoint& point) {
  Span path = point.span;
  // A ':' stands between PATH and what follows.
  if (point.symbol_span.known() && point.symbol_span.begin > path.begin + 1) {
    path.end = point.symbol_span.begin - 1;
  }
  return path;
}

Result<Place> find_binary_place(const probespec::ProbeSpec& spec, const KernelView& kernel) {
  const ProbePoint& point = spec.point;
  if (kernel.features().known && !kernel.features().uprobes) {
    return Error(ErrorCode::unsupported, "this kernel has no uprobe events (CONFIG_UPROBE_EVENTS)")
        .at(point.span);
  }
  const std::uint64_t offset =
      point.address ? *point.address : static_cast<std::uint64_t>(point.offset);
  auto found = kernel.binary_place(point.path, point.symbol, offset);
  if (!found.ok()) {
    const Span span = blamed(found.error().code, point);
    return std::move(found).error().at(span);
  }
  Place place;
  place.source = EventSource::uprobe;
  place.symbol = found->symbol;
  place.offset = found->symbol.empty() ? found->file_offset : found->offset;
  place.at_entry = found->at_entry;
  place.path = point.path;
  place.device = found->device;
  place.inode = found->inode;
  place.word_bytes = found->word_bytes;
  // kernel/trace/trace_uprobe.c, __trace_uprobe_create: PATH:OFFSET(REFCTR).
  place.file_offset = found->file_offset;
  place.kernel_point = format("{}:{}", point.path, hex(found->file_offset));
  if (point.reference_counter) place.kernel_point += format("({})", hex(*point.reference_counter));
  if (spec.kind == probespec::ProbeKind::on_return && !place.at_entry && !place.symbol.empty()) {
    // The kernel would take it, and overwrite whatever lies on the stack where a return address
    // lies at a function's entry (arch_uretprobe_hijack_return_addr).
    return Error(
               ErrorCode::wrong_place,
               format("a return probe is set at a function's entry, and this is {}", place.text()))
        .with_hint(format("write 'r {}:{}'", point.path, place.symbol))
        .at(point.span);
  }
  return place;
}

}  // namespace kprobed::resolve
