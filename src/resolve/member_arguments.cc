// SPDX-License-Identifier: Apache-2.0
#include "resolve/member_arguments.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/format.h"
#include "resolve/arguments.h"

namespace kprobed::resolve {

namespace {

/// Does it mean something only where the function's prototype is known? What is counted (a2, %si,
/// $stack1) is the same everywhere.
bool needs_prototype(const probespec::FetchArg& arg) {
  const probespec::FetchBase& base = arg.expr.base;
  return !arg.expr.fields.empty() || std::holds_alternative<probespec::Named>(base) ||
         std::holds_alternative<probespec::AllArguments>(base);
}

bool same(const ResolvedArg& a, const ResolvedArg& b) {
  return a.name == b.name && a.kernel_name == b.kernel_name && a.source == b.source &&
         a.fetch == b.fetch && a.kernel_type == b.kernel_type && a.shape == b.shape;
}

std::string text_of(const ResolvedArg& arg) {
  return arg.c_type.empty()
             ? format("{}={}:{}", arg.name, arg.fetch, arg.kernel_type)
             : format("{}={}:{} ({})", arg.name, arg.fetch, arg.kernel_type, arg.c_type);
}

Place place_of(const ProbeMember& member) {
  Place place;
  place.module = member.module;
  place.symbol = member.symbol;
  place.address = member.address;
  place.kernel_point = member.kernel_point;
  return place;
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
                                                          const Place& place,
                                                          const KernelView& kernel,
                                                          std::vector<Remark>& remarks) {
  const ProbeMember& first = place.members.front();
  const Place first_place = place_of(first);
  auto wanted = resolve_arguments(FetchContext{kernel, spec, first_place}, remarks);
  if (!wanted.ok()) {
    return std::move(wanted).error().while_doing(format("take arguments of '{}'", first.symbol));
  }
  if (std::ranges::none_of(spec.args, needs_prototype)) return wanted;
  for (std::size_t i = 1; i < place.members.size(); ++i) {
    const ProbeMember& member = place.members[i];
    const Place member_place = place_of(member);
    std::vector<Remark> said_before;
    auto found = resolve_arguments(FetchContext{kernel, spec, member_place}, said_before);
    if (!found.ok()) {
      return std::move(found).error().while_doing(format("take arguments of '{}'", member.symbol));
    }
    const std::size_t count = std::max(wanted->size(), found->size());
    for (std::size_t n = 0; n < count; ++n) {
      const ResolvedArg* a = n < wanted->size() ? &(*wanted)[n] : nullptr;
      const ResolvedArg* b = n < found->size() ? &(*found)[n] : nullptr;
      if (a == nullptr || b == nullptr || !same(*a, *b)) return difference(first, a, member, b);
    }
  }
  return wanted;
}

}  // namespace kprobed::resolve
