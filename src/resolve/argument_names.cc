// SPDX-License-Identifier: Apache-2.0
#include "resolve/argument_names.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "base/format.h"
#include "base/text.h"
#include "probespec/parse.h"

namespace kprobed::resolve {

namespace {

/// reserved_field_names, kernel/trace/trace_probe.c.
constexpr std::string_view kReserved[] = {
    "common_type", "common_flags", "common_preempt_count", "common_pid",
    "common_tgid", "__probe_ip",   "__probe_ret_ip",       "__probe_func",
};

bool kernel_takes(std::string_view name) {
  return is_identifier(name) && name.size() <= probespec::kMaxArgNameBytes &&
         std::ranges::find(kReserved, name) == std::end(kReserved);
}

}  // namespace

Result<void> check_names_differ(const std::vector<ResolvedArg>& args) {
  std::set<std::string_view> names;
  for (const ResolvedArg& arg : args) {
    if (names.insert(arg.name).second) continue;
    return Error(ErrorCode::name_used, format("two arguments are called '{}'", arg.name))
        .with_hint(format("give one of them another name, as in my_{0}={0}", arg.name))
        .at(arg.name_span.known() ? arg.name_span : arg.span);
  }
  return {};
}

Result<void> name_for_kernel(std::vector<ResolvedArg>& args) {
  KPROBED_TRY_VOID(check_names_differ(args));
  std::set<std::string, std::less<>> taken;
  for (const ResolvedArg& arg : args) taken.insert(arg.name);
  std::size_t fetched = 0;
  for (ResolvedArg& arg : args) {
    if (arg.source != ValueSource::fetcharg) continue;
    fetched += arg.second_fetch.empty() ? 1 : 2;
    if (fetched > probespec::kMaxArgs) {
      return Error(ErrorCode::too_many,
                   format("a probe has at most {} arguments", probespec::kMaxArgs))
          .at(arg.span);
    }
    if (!arg.second_fetch.empty()) {
      arg.second_name = format("_h{}", fetched);
      while (!taken.insert(arg.second_name).second) arg.second_name += '_';
    }
    arg.kernel_name = arg.name;
    if (kernel_takes(arg.name)) continue;
    arg.kernel_name = format("arg{}", fetched);
    while (!taken.insert(arg.kernel_name).second) arg.kernel_name += '_';
  }
  return {};
}

}  // namespace kprobed::resolve
