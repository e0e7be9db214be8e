// SPDX-License-Identifier: Apache-2.0
#include "resolve/symbol_choice.h"

#include <algorithm>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "resolve/drift.h"
#include "resolve/listing.h"
#include "resolve/variants.h"

namespace kprobed::resolve {

namespace {

constexpr std::size_t kShownChoices = 4;
constexpr std::size_t kShownVariants = 5;

std::string where(const Symbol& symbol) {
  const std::string place = symbol.module.empty() ? "the kernel" : symbol.module;
  return symbol.address == 0 ? place : format("{} at {}", place, hex(symbol.address));
}

/// What the user can write to mean exactly this one; "" if nothing does. On a return probe that is
/// never another function's distance: the grammar takes none there.
std::string unambiguous(const Symbol& symbol, probespec::ProbeKind kind, const KernelView& kernel) {
  if (!symbol.module.empty() && is_unique(symbol, kernel)) {
    return format("{}:{}", symbol.module, symbol.name);
  }
  if (symbol.address == 0) return {};
  if (kind == probespec::ProbeKind::on_return) return hex(symbol.address);
  return kernel_place_of(symbol.address, kernel).value_or(hex(symbol.address));
}

Error not_unique_error(const probespec::ProbeSpec& spec, const std::vector<Symbol>& symbols,
                       const KernelView& kernel) {
  const std::string_view name = spec.point.symbol;
  std::vector<std::string> places, choices;
  for (const Symbol& symbol : symbols) {
    if (places.size() == kShownChoices) {
      places.push_back(format("{} more", symbols.size() - kShownChoices));
      break;
    }
    places.push_back(where(symbol) + (symbol.is_text() ? "" : " (data)"));
    const std::string choice =
        symbol.is_text() ? unambiguous(symbol, spec.kind, kernel) : std::string();
    if (!choice.empty()) choices.push_back(choice);
  }
  Error error(ErrorCode::symbol_not_unique,
              format("{} symbols are named '{}': {}", symbols.size(), name, join(places, " and ")));
  if (spec.mechanism == probespec::Mechanism::fprobe) {
    // register_fprobe() takes a name, and traces whatever has it.
    error.hint = "an fprobe goes by the name alone: write 'p' or 'r', which can tell them apart";
  } else if (!choices.empty()) {
    error.hint = format("write the one you mean as {}", join(choices, " or "));
    if (kernel.addresses_visible() && spec.point.offset == 0) {
      const std::string module = spec.point.module.empty() ? "" : spec.point.module + ":";
      error.hint += format("; or {}{}%all for all of them", module, name);
    }
  } else {
    error.hint = "with addresses visible (root, kernel.kptr_restrict) each could be named";
  }
  return error;
}

}  // namespace

bool is_unique(const Symbol& symbol, const KernelView& kernel) {
  return kernel.find(symbol.name, symbol.module).size() == 1;
}

bool knows_symbols(const KernelView& kernel) {
  return !kernel.find("_stext", "").empty() || !kernel.find("_text", "").empty();
}

Result<Symbol> choose_symbol(const probespec::ProbeSpec& spec, const KernelView& kernel) {
  const probespec::ProbePoint& point = spec.point;
  const std::vector<Symbol> symbols = kernel.find(point.symbol, point.module);
  if (symbols.empty()) return not_found_error(point.symbol, point.module, kernel);
  const auto text = std::ranges::find_if(symbols, &Symbol::is_text);
  if (text == symbols.end()) {
    return Error(ErrorCode::bad_address, format("'{}' is data, not code", point.symbol))
        .with_hint(format("to record it write @{} among the arguments of a probe", point.symbol));
  }
  // Data of the same name counts as well: see is_unique.
  if (symbols.size() > 1) return not_unique_error(spec, symbols, kernel);
  return *text;
}

Error not_found_error(std::string_view name, std::string_view module, const KernelView& kernel) {
  const std::string place =
      module.empty() ? std::string("in this kernel") : format("in module '{}'", module);
  Error error(ErrorCode::symbol_not_found, format("no symbol '{}' {}", name, place));
  const DriftRow* row = module.empty() ? find_drift(name, kernel) : nullptr;
  if (row != nullptr) {
    error.hint = format("{}; write '{}'{}", row->why, row->replacement,
                        row->same_arguments == 0 ? ", whose arguments differ" : "");
    return error;
  }
  std::vector<std::string> variants;
  for (const Symbol& variant : variants_of(name, module, kernel)) variants.push_back(variant.name);
  if (!variants.empty()) {
    error.message += format(", but the compiler has made of it {}",
                            first_names(quoted(variants), kShownVariants, variants.size()));
    error.hint =
        format("write the full name; or {}%all for all that are functions of their own", name);
    return error;
  }
  const std::vector<Symbol> elsewhere =
      module.empty() ? std::vector<Symbol>() : kernel.find(name, "");
  if (!elsewhere.empty()) {
    const Symbol& found = elsewhere.front();
    error.hint = found.module.empty() ? format("the kernel itself has it: leave out '{}:'", module)
                                      : format("module '{}' has it: write '{}:{}'", found.module,
                                               found.module, name);
    return error;
  }
  const std::vector<std::string> near = quoted(kernel.similar(name, 3));
  if (!near.empty()) {
    error.hint = format("did you mean {}?", join(near, " or "));
  } else {
    error.hint = "it may be inlined everywhere, or belong to a module that is not loaded (MOD:SYM)";
  }
  return error;
}

std::optional<std::string> kernel_place_of(std::uint64_t address, const KernelView& kernel) {
  std::optional<Symbol> symbol = kernel.text_symbol_at(address);
  if (!symbol) return std::nullopt;
  const std::string module = symbol->module;
  while (symbol && symbol->module == module && symbol->address != 0) {
    if (is_unique(*symbol, kernel)) return kernel_place(*symbol, address - symbol->address);
    symbol = kernel.text_symbol_at(symbol->address - 1);
  }
  return std::nullopt;
}

std::string kernel_place(const Symbol& symbol, std::uint64_t delta) {
  if (symbol.module.empty()) return format("{}+{}", symbol.name, delta);
  return format("{}:{}+{}", symbol.module, symbol.name, delta);
}

}  // namespace kprobed::resolve
