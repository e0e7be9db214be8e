// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "base/format.h"
#include "base/text.h"
#include "probespec/parse.h"
#include "resolve/arguments.h"
#include "resolve/drift.h"
#include "resolve/kernel_line.h"
#include "resolve/place.h"
#include "resolve/record_size.h"
#include "resolve/resolved_probe.h"

namespace kprobed::resolve {

namespace {

using probespec::ProbeSpec;

const Span& symbol_span(const ProbeSpec& spec) {
  return spec.point.symbol_span.known() ? spec.point.symbol_span : spec.point.span;
}

/// What the drift table says about the symbol: replaces it in `spec` if the user wants that and the
/// arguments allow it, otherwise says what is the matter.
std::optional<Remark> apply_drift(ProbeSpec& spec, const KernelView& kernel,
                                  const ResolveOptions& options) {
  if (spec.point.symbol.empty() || !spec.point.module.empty()) return std::nullopt;
  const DriftRow* row = find_drift(spec.point.symbol, kernel);
  if (row == nullptr) return std::nullopt;
  const bool same = carries_over(*row, spec, kernel.abi());
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
  const std::size_t bytes = compose_line(probe, longest, longest).text.size();
  if (bytes <= probespec::kMaxLineBytes) return {};
  return Error(ErrorCode::too_long,
               format("for the kernel this probe is a line of {} bytes; it "
                      "takes {}",
                      with_thousands(bytes), with_thousands(probespec::kMaxLineBytes)))
      .with_hint("split the arguments over two probes of the same function")
      .at(probe.spec.span);
}

}  // namespace

Result<ResolvedProbe> resolve(const ProbeSpec& spec, const KernelView& kernel,
                              const ResolveOptions& options) {
  ResolvedProbe probe;
  probe.spec = spec;
  if (auto remark = apply_drift(probe.spec, kernel, options)) {
    probe.remarks.push_back(std::move(*remark));
  }
  KPROBED_TRY(Place place, find_place(probe.spec, kernel));
  std::move(place.remarks.begin(), place.remarks.end(), std::back_inserter(probe.remarks));
  const FetchContext context{kernel, probe.spec.kind, place};
  for (std::size_t i = 0; i < spec.args.size(); ++i) {
    KPROBED_TRY(ResolvedArg arg, resolve_argument(spec.args[i], i, context, probe.remarks));
    probe.args.push_back(std::move(arg));
  }
  probe.module = place.module;
  probe.symbol = place.symbol;
  probe.offset = place.offset;
  probe.address = place.address;
  probe.at_entry = place.at_entry;
  probe.kernel_point = place.kernel_point;

  const RecordSize size = record_size(spec.kind, probe.args, kernel.abi().word_bytes);
  probe.fixed_bytes = size.fixed;
  probe.worst_bytes = size.worst;
  if (auto remark = oversize_remark(probe, kernel.features())) {
    probe.remarks.push_back(std::move(*remark));
  }
  KPROBED_TRY_VOID(check_line_length(probe));
  return probe;
}

}  // namespace kprobed::resolve
