// SPDX-License-Identifier: Apache-2.0
#include "resolve/tracepoint_place.h"

#include <string>
#include <utility>
#include <vector>

#include "base/format.h"
#include "resolve/listing.h"
#include "resolve/symbol_choice.h"

namespace kprobed::resolve {

namespace {

using probespec::ProbePoint;

const Span& symbol_span(const ProbePoint& point) {
  return point.symbol_span.known() ? point.symbol_span : point.span;
}

/// A probe of ours, or one of a `kprobectl run` (tracefs/groups.h).
bool is_ours(std::string_view group) {
  return group == "kprobed" || group.starts_with("kprobed_run_");
}

/// Each tracepoint has a function that calls what is attached to it (DEFINE_TRACE_FN,
/// include/linux/tracepoint.h, since 5.10).
constexpr std::string_view kIterator = "__traceiter_";

bool has_tracepoint(std::string_view name, const KernelView& kernel) {
  return !kernel.find(std::string(kIterator).append(name), "").empty();
}

/// "sched_switch" for "sched_swich".
std::vector<std::string> similar_tracepoints(std::string_view name, const KernelView& kernel) {
  std::vector<std::string> names;
  for (const std::string& symbol : kernel.similar(std::string(kIterator).append(name), 3)) {
    if (symbol.starts_with(kIterator)) names.push_back(symbol.substr(kIterator.size()));
  }
  return names;
}

Place dynamic_place(const std::string& symbol) {
  Place place;
  place.source = EventSource::dynamic;
  place.symbol = symbol;
  place.kernel_point = symbol;
  return place;
}

}  // namespace

Result<decode::EventFormat> read_event_format(std::string_view group, std::string_view event,
                                              const KernelView& kernel) {
  KPROBED_TRY(const std::string text, kernel.event_format(group, event));
  auto parsed = decode::parse_format(text);
  if (!parsed.ok()) {
    return std::move(parsed).error().while_doing(format("read the format of {}/{}", group, event));
  }
  return parsed;
}

Result<Place> find_existing_event(const probespec::ProbeSpec& spec, const KernelView& kernel) {
  const ProbePoint& point = spec.point;
  if (is_ours(point.group)) {
    return Error(ErrorCode::wrong_place,
                 format("'{}/{}' is kprobed's own event, and would be recorded twice", point.group,
                        point.symbol))
        .with_hint("subscribe to the probe that it belongs to")
        .at(point.span);
  }
  auto event = read_event_format(point.group, point.symbol, kernel);
  if (!event.ok()) {
    Error error = std::move(event).error();
    if (error.code == ErrorCode::not_found && error.hint.empty()) {
      std::vector<std::string> near = kernel.similar_events(point.group, point.symbol, 3);
      for (std::string& name : near) name = "t " + name;
      error.hint = near.empty() ? "the events that there are stand in tracefs under events/"
                                : format("did you mean {}?", join(quoted(near), " or "));
    }
    return std::move(error).at(point.span);
  }
  Place place;
  place.source = EventSource::existing;
  place.symbol = format("{}/{}", point.group, point.symbol);
  place.event_group = point.group;
  place.event_name = point.symbol;
  return place;
}

Result<Place> find_raw_tracepoint(const probespec::ProbeSpec& spec, const KernelView& kernel) {
  const ProbePoint& point = spec.point;
  const KernelFeatures& features = kernel.features();
  if (features.known && !features.tracepoint_probes) {
    return Error(ErrorCode::unsupported,
                 "this kernel has no probes on raw tracepoints (Linux 6.5 with "
                 "CONFIG_FPROBE_EVENTS has)")
        .with_hint(
            format("write 't GROUP/{}' for the event that most tracepoints have", point.symbol))
        .at(symbol_span(point));
  }
  // From 6.12 on the kernel takes any name, and waits for a module that brings such a tracepoint:
  // a mistyped one would wait for ever. Where even sched_switch is unknown nothing can be told.
  if (has_tracepoint("sched_switch", kernel) && !has_tracepoint(point.symbol, kernel)) {
    const std::vector<std::string> near = quoted(similar_tracepoints(point.symbol, kernel));
    return Error(ErrorCode::not_found, format("no tracepoint '{}' in this kernel", point.symbol))
        .with_hint(near.empty() ? "a module's tracepoints are known once it is loaded"
                                : format("did you mean {}?", join(near, " or ")))
        .at(symbol_span(point));
  }
  return dynamic_place(point.symbol);
}

Result<Place> find_fprobe_place(const probespec::ProbeSpec& spec, const KernelView& kernel) {
  const ProbePoint& point = spec.point;
  const KernelFeatures& features = kernel.features();
  const std::string_view kprobe = spec.kind == probespec::ProbeKind::entry ? "p" : "r";
  if (features.known && !features.fprobes) {
    return Error(ErrorCode::unsupported,
                 "this kernel has no fprobe events (Linux 6.5 with CONFIG_FPROBE_EVENTS has)")
        .with_hint(format("write '{} {}'", kprobe, point.symbol))
        .at(spec.kind_span.known() ? spec.kind_span : point.span);
  }
  if (!point.module.empty() && !kernel.module_loaded(point.module)) {
    return Error(ErrorCode::symbol_not_found,
                 format("module '{}' is not loaded, and an fprobe does not wait for it",
                        point.module))
        .with_hint(format("write '{} {}:{}', which does", kprobe, point.module, point.symbol))
        .at(symbol_span(point));
  }
  Place place = dynamic_place(point.symbol);
  place.module = point.module;
  if (knows_symbols(kernel)) {
    // Without "MOD:", which fprobe events do not know: the name must be unique everywhere.
    probespec::ProbeSpec anywhere = spec;
    anywhere.point.module.clear();
    auto chosen = choose_symbol(anywhere, kernel);
    if (!chosen.ok()) return std::move(chosen).error().at(symbol_span(point));
    if (!point.module.empty() && chosen->module != point.module) {
      return not_found_error(point.symbol, point.module, kernel).at(symbol_span(point));
    }
    place.module = chosen->module;
    place.address = chosen->address;
  }
  if (kernel.traceable(point.symbol) == false) {
    return Error(ErrorCode::bad_address,
                 format("ftrace cannot trace '{}', and an fprobe is ftrace's", point.symbol))
        .with_hint(
            format("a kprobe may do, if this kernel allows it: '{} {}'", kprobe, point.symbol))
        .at(symbol_span(point));
  }
  return place;
}

}  // namespace kprobed::resolve
