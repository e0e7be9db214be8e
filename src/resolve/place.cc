// SPDX-License-Identifier: Apache-2.0
#include "resolve/place.h"

#include <optional>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "resolve/absent_place.h"
#include "resolve/binary_place.h"
#include "resolve/entry_sled.h"
#include "resolve/patterns.h"
#include "resolve/place_checks.h"
#include "resolve/symbol_choice.h"
#include "resolve/syscall_place.h"
#include "resolve/tracepoint_place.h"

namespace kprobed::resolve {

namespace {

using probespec::ProbePoint;

const Span& offset_span(const ProbePoint& point) {
  return point.offset_span.known() ? point.offset_span : point.span;
}

std::string as_written(const ProbePoint& point) {
  const std::string prefix = point.module.empty() ? "" : point.module + ":";
  return point.offset == 0 ? prefix + point.symbol
                           : format("{}{}{:+}", prefix, point.symbol, point.offset);
}

std::optional<std::uint64_t> address_of(std::string_view symbol, const KernelView& kernel) {
  const std::vector<Symbol> found = kernel.find(symbol, "");
  if (found.size() != 1 || found[0].address == 0) return std::nullopt;
  return found[0].address;
}

/// Why no probe can be at that address.
Error outside_text(std::uint64_t address, std::string_view subject, const KernelView& kernel) {
  const auto init_begin = address_of("_sinittext", kernel);
  const auto init_end = address_of("_einittext", kernel);
  if (init_begin && init_end && address >= *init_begin && address < *init_end) {
    return Error(ErrorCode::bad_address,
                 format("{} lies in init text, which the kernel frees after boot", subject))
        .with_hint("functions marked __init cannot be probed on a running kernel");
  }
  Error error(ErrorCode::bad_address, format("{} is not in kernel text", subject));
  const auto begin = address_of("_stext", kernel), end = address_of("_etext", kernel);
  if (begin && end) {
    error.hint = format("the kernel's code is at {} to {}; modules have their own", hex(*begin),
                        hex(*end - 1));
  }
  return error;
}

Error addresses_hidden(std::string_view what) {
  return Error(ErrorCode::no_permission,
               format("{} can only be found by addresses, and this process may not see them", what))
      .with_hint("run as root, with kernel.kptr_restrict below 2; or write SYMBOL+offset");
}

/// By address alone: which symbol holds it, and how the kernel is told.
Result<Place> place_at(std::uint64_t address, std::string_view subject, const KernelView& kernel) {
  const std::optional<Symbol> holder =
      kernel.in_text(address) ? kernel.text_symbol_at(address) : std::nullopt;
  if (!holder) return outside_text(address, subject, kernel);
  const std::optional<std::string> kernel_point = kernel_place_of(address, kernel);
  if (!kernel_point) {
    return Error(ErrorCode::symbol_not_unique,
                 format("no symbol with a unique name lies at or before {}", hex(address)));
  }
  Place place;
  place.module = holder->module;
  place.symbol = holder->name;
  place.offset = address - holder->address;
  place.address = address;
  place.at_entry = place.offset == 0;
  place.kernel_point = *kernel_point;
  return place;
}

Result<Place> at_address(const ProbePoint& point, const KernelView& kernel) {
  const std::string subject = hex(*point.address);
  if (!kernel.addresses_visible()) return addresses_hidden(subject).at(point.span);
  auto place = place_at(*point.address, subject, kernel);
  if (!place.ok()) return std::move(place).error().at(point.span);
  return place;
}

/// As the user wrote it: nothing is known here that could say more.
Result<Place> unchecked(const ProbePoint& point) {
  if (point.offset < 0) return addresses_hidden(as_written(point)).at(offset_span(point));
  return place_as_written(point);
}

/// SYM+offs with visible addresses.
Result<Place> after_symbol(const ProbePoint& point, const Symbol& symbol,
                           const KernelView& kernel) {
  const auto delta = static_cast<std::uint64_t>(point.offset);
  const std::string subject = as_written(point);
  const std::uint64_t address = symbol.address + delta;
  const std::optional<Symbol> holder =
      kernel.in_text(address) ? kernel.text_symbol_at(address) : std::nullopt;
  if (!holder) return outside_text(address, subject, kernel).at(offset_span(point));
  if (holder->module != symbol.module) {
    return Error(ErrorCode::bad_address,
                 format("{} lies outside {}", subject,
                        symbol.module.empty() ? "the kernel" : "module '" + symbol.module + "'"))
        .at(offset_span(point));
  }
  Place place;
  place.module = symbol.module;
  place.symbol = symbol.name;
  place.offset = delta;
  place.address = address;
  // A MOD: of ours, where the user wrote none: without it the kernel would not arm the probe again
  // when the module comes back (trace_kprobe_within_module).
  place.kernel_point = kernel_place(symbol, delta);
  if (holder->address != symbol.address) {
    place.symbol = holder->name;
    place.offset = address - holder->address;
    place.remarks.push_back(
        {"past_end",
         format("{} is beyond the end of '{}': it is {}", subject, symbol.name, place.text()),
         is_unique(*holder, kernel) ? format("if that is what you mean, write {}", place.text())
                                    : std::string(),
         offset_span(point)});
  }
  place.at_entry = place.offset == 0;
  return place;
}

/// SYM-offs: no kernel since 2.6.33 takes it, so it becomes PREVSYM+delta.
Result<Place> before_symbol(const ProbePoint& point, const Symbol& symbol,
                            const KernelView& kernel) {
  const std::uint64_t distance = std::uint64_t{0} - static_cast<std::uint64_t>(point.offset);
  const std::uint64_t address = symbol.address - distance;
  auto place = place_at(address, as_written(point), kernel);
  if (!place.ok()) return std::move(place).error().at(offset_span(point));
  if (distance > symbol.address || place->module != symbol.module) {
    return outside_text(address, as_written(point), kernel).at(offset_span(point));
  }
  return place;
}

Result<Place> locate(const probespec::ProbeSpec& spec, const KernelView& kernel,
                     const ResolveOptions& options) {
  const ProbePoint& point = spec.point;
  if (point.address) return at_address(point, kernel);
  if (!point.module.empty() && !kernel.module_loaded(point.module)) {
    return in_absent_module(point, kernel, options);
  }
  if (!knows_symbols(kernel)) return unchecked(point);
  auto chosen = choose_symbol(spec, kernel);
  if (!chosen.ok()) {
    Error error =
        std::move(chosen).error().at(point.symbol_span.known() ? point.symbol_span : point.span);
    const bool nowhere = error.code == ErrorCode::symbol_not_found && point.module.empty();
    if (nowhere) return in_module_files(point, kernel, std::move(error));
    return error;
  }
  const Symbol& symbol = *chosen;
  if (!kernel.addresses_visible()) {
    KPROBED_TRY(Place place, unchecked(point));
    place.module = symbol.module;
    place.kernel_point = kernel_place(symbol, place.offset);
    return place;
  }
  return point.offset < 0 ? before_symbol(point, symbol, kernel)
                          : after_symbol(point, symbol, kernel);
}

Result<Place> locate_syscall(probespec::ProbeSpec spec, const SyscallPlace& syscall,
                             const KernelView& kernel, const ResolveOptions& options) {
  spec.point.symbol = syscall.symbol;
  KPROBED_TRY(Place place, locate(spec, kernel, options));
  if (place.symbol == syscall.symbol) {
    place.syscall = syscall.name;
    place.wrapped = syscall.wrapped;
  }
  if (!syscall.as_written) {
    place.remarks.push_back(syscall_remark(
        syscall, spec.point.symbol_span.known() ? spec.point.symbol_span : spec.point.span,
        kernel));
  }
  return place;
}

Result<Place> find_kprobe_place(const probespec::ProbeSpec& spec, const KernelView& kernel,
                                const ResolveOptions& options) {
  if (spec.point.several()) return find_members(spec, kernel, options);
  const std::optional<SyscallPlace> syscall = find_syscall(spec.point, kernel);
  KPROBED_TRY(Place place, syscall ? locate_syscall(spec, *syscall, kernel, options)
                                   : locate(spec, kernel, options));
  KPROBED_TRY_VOID(check_place(spec, kernel, place));
  return place;
}

}  // namespace

Place place_of(const ProbeMember& member) {
  Place place;
  place.module = member.module;
  place.symbol = member.symbol;
  place.address = member.address;
  place.kernel_point = member.kernel_point;
  return place;
}

std::string Place::text() const {
  if (source == EventSource::dynamic || source == EventSource::existing) return symbol;
  const std::string subject = path.empty() ? symbol : path + ":" + symbol;
  if (symbol.empty()) return subject + hex(offset);
  return format("{}+{}", subject, offset);
}

Result<Place> find_place(const probespec::ProbeSpec& spec, const KernelView& kernel,
                         const ResolveOptions& options) {
  switch (spec.mechanism) {
    case probespec::Mechanism::fprobe:
      return find_fprobe_place(spec, kernel);
    case probespec::Mechanism::tracepoint:
      return find_raw_tracepoint(spec, kernel);
    case probespec::Mechanism::event:
      return find_existing_event(spec, kernel);
    case probespec::Mechanism::probe:
      break;
  }
  if (!spec.point.path.empty()) return find_binary_place(spec, kernel);
  KPROBED_TRY(Place place, find_kprobe_place(spec, kernel, options));
  KPROBED_TRY_VOID(pass_entry_sled(spec, kernel, place));
  return place;
}

}  // namespace kprobed::resolve
