// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "probespec/parse.h"
#include "resolve/arguments.h"
#include "resolve/condition.h"
#include "resolve/drift.h"
#include "resolve/entry_sled.h"
#include "resolve/kernel_line.h"
#include "resolve/member_arguments.h"
#include "resolve/place.h"
#include "resolve/record_size.h"
#include "resolve/resolved_probe.h"
#include "resolve/tracepoint_place.h"
#include "resolve/variants.h"

namespace kprobed::resolve {

namespace {

using probespec::ProbeSpec;

const Span& symbol_span(const ProbeSpec& spec) {
  return spec.point.symbol_span.known() ? spec.point.symbol_span : spec.point.span;
}

/// A function of the kernel under one name: what may have another name here.
bool names_function(const ProbeSpec& spec) {
  return (spec.mechanism == probespec::Mechanism::probe ||
          spec.mechanism == probespec::Mechanism::fprobe) &&
         spec.point.path.empty() && !spec.point.symbol.empty() && !spec.point.pattern;
}

/// What the drift table says about the symbol: replaces it in `spec` if the user wants that and the
/// arguments allow it, otherwise says what is the matter.
std::optional<Remark> apply_drift(ProbeSpec& spec, const KernelView& kernel,
                                  const ResolveOptions& options) {
  if (!names_function(spec) || !spec.point.module.empty()) return std::nullopt;
  const DriftRow* row = find_drift(spec.point.symbol, kernel);
  if (row == nullptr) return std::nullopt;
  const bool same = carries_over(*row, spec, kernel);
  if (options.follow_drift && same) {
    spec.point.symbol = row->replacement;
    return Remark{
        "replaced",
        format("'{}' is probed in place of '{}': {}", row->replacement, row->symbol, row->why), "",
        symbol_span(spec)};
  }
  // A symbol that is gone gets the row in its error.
  if (row->kind == DriftRow::Kind::gone) return std::nullopt;
  Remark remark{"inlined", format("a probe on '{}' may never fire: {}", row->symbol, row->why), "",
                symbol_span(spec)};
  remark.hint = same ? format("probe '{}', or say --resolve", row->replacement)
                     : format("probe '{}', of whose arguments only the first {} are the same",
                              row->replacement, row->same_arguments);
  return remark;
}

/// A record that perf does not carry is dropped, and the first one is a WARN (KERNEL-FACTS 26).
std::optional<Remark> oversize_remark(const ResolvedProbe& probe, const KernelFeatures& features) {
  const RecordLimit limit = record_limit(features);
  const std::size_t worst = carried_bytes(probe.worst_bytes);
  if (worst <= limit.surely_carried) return std::nullopt;
  std::string carried = with_thousands(limit.maybe_carried);
  if (!limit.certain()) {
    carried = format(
        "{} on early 5.10 and 5.15 kernels and {} on later ones, and this kernel does "
        "not say which it is",
        with_thousands(limit.surely_carried), carried);
  }
  return Remark{"oversize",
                format("with all its strings at their longest a record has {} bytes; perf carries "
                       "{}. The kernel drops a larger one, with one warning in its log that is a "
                       "panic where panic_on_warn is set",
                       with_thousands(worst), carried),
                "record fewer strings in one probe", probe.spec.span};
}

/// Whatever private name the engine gives, the line fits.
Result<void> check_line_length(const ResolvedProbe& probe) {
  constexpr std::size_t kMaxEventNameBytes = 63;  // MAX_EVENT_NAME_LEN - 1, for groups too
  const std::string longest(kMaxEventNameBytes, 'x');
  std::size_t bytes = 0;
  for (const KernelLine& line : compose_lines(probe, longest, longest)) {
    bytes = std::max(bytes, line.text.size());
  }
  if (bytes <= probespec::kMaxLineBytes) return {};
  return Error(ErrorCode::too_long,
               format("for the kernel this probe is a line of {} bytes; it "
                      "takes {}",
                      with_thousands(bytes), with_thousands(probespec::kMaxLineBytes)))
      .with_hint("split the arguments over two probes of the same function")
      .at(probe.spec.span);
}

void take_place(ResolvedProbe& probe, Place place) {
  probe.module = std::move(place.module);
  probe.symbol = std::move(place.symbol);
  probe.offset = place.offset;
  probe.address = place.address;
  probe.at_entry = place.at_entry;
  probe.entry_shift = place.entry_shift;
  probe.kernel_point = std::move(place.kernel_point);
  probe.source = place.source;
  probe.members = std::move(place.members);
  probe.path = std::move(place.path);
  probe.device = place.device;
  probe.inode = place.inode;
  probe.event_group = std::move(place.event_group);
  probe.event_name = std::move(place.event_name);
}

/// The record's size and, for one of our making, what can be wrong with it.
Result<void> measure_record(ResolvedProbe& probe, const KernelView& kernel) {
  if (probe.source == EventSource::existing) {
    KPROBED_TRY(const decode::EventFormat event,
                read_event_format(probe.event_group, probe.event_name, kernel));
    for (const decode::FormatField& field : event.fields) {
      probe.fixed_bytes = std::max<std::size_t>(probe.fixed_bytes, field.offset + field.size);
    }
    probe.worst_bytes = probe.fixed_bytes;
    return {};
  }
  const RecordSize size = record_size(probe.spec.kind, probe.args, kernel.abi().word_bytes);
  probe.fixed_bytes = size.fixed;
  probe.worst_bytes = size.worst;
  add_padding(probe);
  // Better an old value than a record that is dropped for its padding.
  const std::size_t sure = record_limit(kernel.features()).surely_carried;
  if (carried_bytes(probe.worst_bytes) > sure && carried_bytes(size.worst) <= sure) {
    forget_padding(probe);
  }
  if (auto remark = oversize_remark(probe, kernel.features())) {
    probe.remarks.push_back(std::move(*remark));
  }
  return check_line_length(probe);
}

}  // namespace

Result<ResolvedProbe> resolve(const ProbeSpec& spec, const KernelView& kernel,
                              const ResolveOptions& options) {
  ResolvedProbe probe;
  probe.spec = spec;
  if (auto remark = apply_drift(probe.spec, kernel, options)) {
    probe.remarks.push_back(std::move(*remark));
  }
  if (options.follow_drift && names_function(probe.spec) && !probe.spec.point.all) {
    if (auto remark = take_variant(probe.spec, kernel)) probe.remarks.push_back(*std::move(remark));
  }
  if (auto remark = return_by_fprobe(probe.spec, kernel)) probe.remarks.push_back(*remark);
  KPROBED_TRY(Place place, find_place(probe.spec, kernel, options));
  std::ranges::move(place.remarks, std::back_inserter(probe.remarks));
  KPROBED_TRY(probe.args,
              place.members.empty()
                  ? resolve_arguments(FetchContext{kernel, probe.spec, place}, probe.remarks)
                  : resolve_member_arguments(probe.spec, place, kernel, probe.remarks));
  take_place(probe, std::move(place));
  KPROBED_TRY_VOID(measure_record(probe, kernel));
  if (probe.spec.condition) {
    KPROBED_TRY(probe.filter, translate_condition(*probe.spec.condition, probe.spec, probe.args,
                                                  kernel, probe.remarks));
  }
  return probe;
}

}  // namespace kprobed::resolve
