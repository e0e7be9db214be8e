// SPDX-License-Identifier: Apache-2.0
#include "resolve/patterns.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "resolve/listing.h"
#include "resolve/symbol_choice.h"
#include "resolve/variants.h"

namespace kprobed::resolve {

namespace {

using probespec::ProbePoint;

constexpr std::size_t kShownMembers = 4;
constexpr std::size_t kShownSkipped = 3;

std::string text_of(const ProbePoint& point) {
  return point.all ? point.symbol + "%all" : point.symbol;
}

/// What compilers put in front of functions under a name of its own: no function at all.
bool is_padding(std::string_view symbol) {
  return symbol.starts_with("__pfx_") || symbol.starts_with("__cfi_");
}

/// Every place that the point means, by address.
std::vector<Symbol> candidates(const ProbePoint& point, const KernelView& kernel) {
  std::vector<Symbol> found;
  if (point.all) {
    found = kernel.find(point.symbol, point.module);
    std::erase_if(found, [](const Symbol& symbol) { return !symbol.is_text(); });
    for (Symbol& variant : variants_of(point.symbol, point.module, kernel)) {
      if (!is_cold(variant.name)) found.push_back(std::move(variant));
    }
  } else {
    found = kernel.matching(point.symbol, point.module);
  }
  std::erase_if(found, [](const Symbol& symbol) { return is_padding(symbol.name); });
  std::ranges::stable_sort(found, {}, &Symbol::address);
  // Not ranges::unique: clang 14, which the fuzz targets are built with, cannot compile
  // libstdc++'s.
  const auto same_place = [](const Symbol& a, const Symbol& b) { return a.address == b.address; };
  found.erase(std::unique(found.begin(), found.end(), same_place), found.end());
  return found;
}

bool can_be_probed(const Symbol& symbol, const KernelView& kernel) {
  return kernel.in_text(symbol.address) && kernel.traceable(symbol.name) != false &&
         kernel.blacklisted(symbol.address) != true && !is_cold(symbol.name);
}

std::optional<ProbeMember> member_of(const Symbol& symbol, const KernelView& kernel) {
  if (!can_be_probed(symbol, kernel)) return std::nullopt;
  std::optional<std::string> point =
      is_unique(symbol, kernel) ? kernel_place(symbol, 0) : kernel_place_of(symbol.address, kernel);
  if (!point) return std::nullopt;
  return ProbeMember{std::move(*point), symbol.name, symbol.module, symbol.address,
                     kernel.end_of(symbol)};
}

std::vector<std::string> names_of(const std::vector<ProbeMember>& members) {
  std::vector<std::string> names;
  for (const ProbeMember& member : members) names.push_back(member.symbol);
  return names;
}

/// Where they are, if that is more than one: modules, and the kernel itself.
std::vector<std::string> places_of(const std::vector<ProbeMember>& members) {
  std::set<std::string> modules;
  for (const ProbeMember& member : members) modules.insert(member.module);
  if (modules.size() == 1) return {};
  std::vector<std::string> places(modules.begin(), modules.end());
  if (places.front().empty()) places.front() = "the kernel";
  return places;
}

Error nothing_found(const ProbePoint& point, const KernelView& kernel) {
  const bool absent = !point.module.empty() && !kernel.module_loaded(point.module);
  if (absent) {
    return Error(ErrorCode::symbol_not_found,
                 format("module '{}' is not loaded, so it is not known what '{}' stands for",
                        point.module, text_of(point)))
        .with_hint("load it first; only a probe on one MOD:SYMBOL can wait for its module");
  }
  if (point.all) return not_found_error(point.symbol, point.module, kernel);
  return Error(ErrorCode::symbol_not_found,
               format("no function's name matches '{}' {}", point.symbol,
                      point.module.empty() ? "in this kernel" : "in that module"))
      .with_hint(
          "'*' stands for any characters, '?' for one, '[ab]' for one of those; the pattern "
          "must match the whole name");
}

constexpr std::string_view kWhySkipped =
    "ftrace cannot trace them, they are on the kernel's blacklist, or their code is gone after "
    "boot";

}  // namespace

Result<Place> find_members(const probespec::ProbeSpec& spec, const KernelView& kernel,
                           const ResolveOptions& options) {
  const ProbePoint& point = spec.point;
  const Span& span = point.symbol_span.known() ? point.symbol_span : point.span;
  const bool module_absent = !point.module.empty() && !kernel.module_loaded(point.module);
  if (!kernel.addresses_visible() && !module_absent) {
    return Error(ErrorCode::no_permission,
                 format("what '{}' stands for can only be told apart by addresses, and this "
                        "process may not see them",
                        text_of(point)))
        .with_hint("run as root, with kernel.kptr_restrict below 2")
        .at(span);
  }
  const std::vector<Symbol> found =
      module_absent ? std::vector<Symbol>() : candidates(point, kernel);
  if (found.empty()) return nothing_found(point, kernel).at(span);

  std::vector<ProbeMember> members;
  std::vector<std::string> skipped;
  for (const Symbol& symbol : found) {
    if (std::optional<ProbeMember> member = member_of(symbol, kernel)) {
      members.push_back(std::move(*member));
    } else {
      skipped.push_back(symbol.name);
    }
  }
  if (members.empty()) {
    return Error(ErrorCode::bad_address,
                 format("none of what '{}' stands for can be probed: {}", text_of(point),
                        first_names(skipped, kShownSkipped, skipped.size())))
        .with_hint(std::string(kWhySkipped))
        .at(span);
  }
  if (members.size() > options.max_members) {
    return Error(ErrorCode::too_many,
                 format("'{}' stands for {} functions; one probe takes {}", text_of(point),
                        with_thousands(members.size()), with_thousands(options.max_members)))
        .with_hint("narrow it down, or split it into several probes")
        .at(span);
  }

  Place place;
  if (members.size() == 1) {
    place = place_of(members.front());
  } else {
    place.module = point.module;
    place.symbol = text_of(point);
    place.remarks.push_back({"members",
                             format("{} functions: {}", with_thousands(members.size()),
                                    first_names(names_of(members), kShownMembers, members.size())),
                             "", span});
    if (const auto places = places_of(members); !places.empty()) {
      place.remarks.push_back(
          {"several_modules",
           format("they are in {}: when a module is loaded anew, events of its functions may bear "
                  "wrong names, since they are not held until it is known which these are",
                  first_names(places, kShownMembers, places.size())),
           "one probe for each module, as in MOD:PATTERN, follows its module", span});
    }
    place.members = std::move(members);
  }
  if (!skipped.empty()) {
    place.remarks.push_back(
        {"skipped",
         format("{} that cannot be probed {} left out: {}", with_thousands(skipped.size()),
                skipped.size() == 1 ? "is" : "are",
                first_names(skipped, kShownSkipped, skipped.size())),
         std::string(kWhySkipped), span});
  }
  return place;
}

}  // namespace kprobed::resolve
