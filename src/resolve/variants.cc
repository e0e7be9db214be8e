// SPDX-License-Identifier: Apache-2.0
#include "resolve/variants.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "base/format.h"
#include "resolve/syscall_place.h"

namespace kprobed::resolve {

namespace {

// gcc's ipa-sra, ipa-cp, ipa-split, bbpart; clang's LTO.
constexpr std::array<std::string_view, 5> kMarks = {".isra.", ".constprop.", ".part.", ".cold",
                                                    ".llvm."};

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool is_variant_of(std::string_view symbol, std::string_view name) {
  const std::string_view rest = symbol.substr(name.size());
  return std::ranges::any_of(kMarks, [rest](std::string_view m) { return rest.starts_with(m); });
}

}  // namespace

std::vector<Symbol> variants_of(std::string_view name, std::string_view module,
                                const KernelView& kernel) {
  // A symbol's name holds nothing that fnmatch(3) would read as a pattern.
  std::vector<Symbol> found = kernel.matching(std::string(name) + ".*", module);
  std::erase_if(found, [name](const Symbol& s) { return !is_variant_of(s.name, name); });
  return found;
}

bool is_cold(std::string_view symbol) {
  const std::size_t at = symbol.find(".cold");
  return at != std::string_view::npos && (at + 5 == symbol.size() || symbol[at + 5] == '.');
}

std::optional<Remark> take_variant(probespec::ProbeSpec& spec, const KernelView& kernel) {
  probespec::ProbePoint& point = spec.point;
  const bool absent =
      std::ranges::none_of(kernel.find(point.symbol, point.module), &Symbol::is_text);
  if (!absent || find_syscall(point, kernel)) return std::nullopt;
  std::vector<Symbol> whole = variants_of(point.symbol, point.module, kernel);
  std::erase_if(whole,
                [](const Symbol& s) { return is_cold(s.name) || contains(s.name, ".part."); });
  if (whole.size() != 1) return std::nullopt;
  const std::string& variant = whole.front().name;
  const bool changed = contains(variant, ".isra.") || contains(variant, ".constprop.");
  Remark remark{"variant",
                format("'{}' is probed in place of '{}'{}", variant, point.symbol,
                       changed ? ": the compiler has taken arguments away from it or fixed their "
                                 "values, so those that are left may have moved"
                               : ", which the compiler has renamed"),
                "", point.symbol_span.known() ? point.symbol_span : point.span};
  if (changed)
    remark.hint = "compare with 'kprobectl disasm " + variant + "' before you trust them";
  point.symbol = variant;
  return remark;
}

}  // namespace kprobed::resolve
