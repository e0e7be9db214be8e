// SPDX-License-Identifier: Apache-2.0
#include "resolve/member_arguments.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/format.h"
#include "resolve/arguments.h"
#include "resolve/listing.h"

namespace kprobed::resolve {

namespace {

/// Does it mean something only where the function's prototype is known? What is counted (a2, %si,
/// $stack1) is the same everywhere.
bool needs_prototype(const probespec::FetchArg& arg, const KernelView& kernel) {
  const probespec::FetchBase& base = arg.expr.base;
  // With 32-bit words what comes behind an argument of 64 bits moves (argument_layout.h).
  const bool counted = std::holds_alternative<probespec::Argument>(base) ||
                       std::holds_alternative<probespec::ReturnValue>(base);
  return !arg.expr.fields.empty() || std::holds_alternative<probespec::Named>(base) ||
         std::holds_alternative<probespec::AllArguments>(base) ||
         (counted && kernel.abi().word_bytes < 8);
}

bool same(const ResolvedArg& a, const ResolvedArg& b) {
  return a.name == b.name && a.kernel_name == b.kernel_name && a.source == b.source &&
         a.fetch == b.fetch && a.second_fetch == b.second_fetch && a.kernel_type == b.kernel_type &&
         a.shape == b.shape;
}

std::string text_of(const ResolvedArg& arg) {
  return arg.c_type.empty()
             ? format("{}={}:{}", arg.name, arg.fetch, arg.kernel_type)
             : format("{}={}:{} ({})", arg.name, arg.fetch, arg.kernel_type, arg.c_type);
}

Place member_place(const Place& place, const ProbeMember& member) {
  Place one = place_of(member);
  one.entry_shift = place.entry_shift;
  return one;
}

Error difference(const ProbeMember& first, const ResolvedArg* wanted, const ProbeMember& other,
                 const ResolvedArg* found) {
  const ResolvedArg& named = wanted != nullptr ? *wanted : *found;
  const auto what = [](const ResolvedArg* arg) {
    return arg != nullptr ? text_of(*arg) : std::string("no such argument");
  };
  return Error(ErrorCode::wrong_place,
               format("'{}' is not the same in all of these functions: '{}' has {}, '{}' has {}",
                      named.name, first.symbol, what(wanted), other.symbol, what(found)))
      .with_hint("record what all of them have, or probe them one by one")
      .at(named.span);
}

}  // namespace

Result<std::vector<ResolvedArg>> resolve_member_arguments(const probespec::ProbeSpec& spec,
                                                          Place& place, const KernelView& kernel,
                                                          std::vector<Remark>& remarks) {
  if (std::ranges::none_of(spec.args, [&kernel](const probespec::FetchArg& arg) {
        return needs_prototype(arg, kernel);
      })) {
    const Place first = member_place(place, place.members.front());
    return resolve_arguments(FetchContext{kernel, spec, first}, remarks);
  }
  std::optional<std::vector<ResolvedArg>> wanted;
  std::optional<Error> lacking;  // of the first function that has no such parameter
  std::vector<ProbeMember> kept;
  std::vector<std::string> left_out;
  for (ProbeMember& member : place.members) {
    const Place here = member_place(place, member);
    std::vector<Remark> said_before;
    auto found =
        resolve_arguments(FetchContext{kernel, spec, here}, wanted ? said_before : remarks);
    if (!found.ok()) {
      Error error =
          std::move(found).error().while_doing(format("arguments of '{}'", member.symbol));
      // No such parameter, or no prototype: one of the functions that were not meant.
      if (error.code != ErrorCode::not_found && error.code != ErrorCode::unsupported) return error;
      left_out.push_back(member.symbol);
      if (!lacking) lacking = std::move(error);
      continue;
    }
    if (!wanted) wanted = *std::move(found);
    kept.push_back(std::move(member));
    if (kept.size() == 1) continue;
    const std::size_t count = std::max(wanted->size(), found->size());
    for (std::size_t n = 0; n < count; ++n) {
      const ResolvedArg* a = n < wanted->size() ? &(*wanted)[n] : nullptr;
      const ResolvedArg* b = n < found->size() ? &(*found)[n] : nullptr;
      if (a == nullptr || b == nullptr || !same(*a, *b)) {
        return difference(kept.front(), a, kept.back(), b);
      }
    }
  }
  if (!wanted) return *std::move(lacking);
  if (!left_out.empty()) {
    constexpr std::size_t kShown = 3;
    remarks.push_back({"skipped",
                       format("{} left out for want of such a parameter: {}",
                              left_out.size() == 1 ? "1 is" : format("{} are", left_out.size()),
                              first_names(left_out, kShown, left_out.size())),
                       "", spec.point.span});
  }
  place.members = std::move(kept);
  return *std::move(wanted);
}

}  // namespace kprobed::resolve
