// SPDX-License-Identifier: Apache-2.0
#include "resolve/fetch_limits.h"

#include <algorithm>

#include "base/format.h"
#include "probespec/parse.h"

namespace kprobed::resolve {

namespace {

/// ustring and +u are as old as each other (5.3).
Result<void> check_user_memory(const probespec::FetchArg& arg, const Location& at,
                               const Reading& reading, const KernelFeatures& features) {
  const auto user = std::ranges::find_if(arg.expr.derefs, &probespec::Deref::user);
  const Span& span = user != arg.expr.derefs.end() && user->span.known() ? user->span : arg.span;
  if (reading.count != 0 && !reading.is_text() && !at.derefs.empty() && at.derefs.back().user) {
    // BAD_STRING: the loop over an array is written for ST_MEM only.
    return Error(ErrorCode::wrong_place, "the kernel reads no arrays through '+u'")
        .with_hint("write '+' without the u, which reads user memory where there is some")
        .at(span);
  }
  const bool needs = std::ranges::any_of(at.derefs, &probespec::Deref::user);
  if (!needs || !features.known || features.ustring) return {};
  return Error(ErrorCode::unsupported, "this kernel has no '+u' (Linux 5.3 has)").at(span);
}

/// traceprobe_parse_probe_arg_body, kernel/trace/trace_probe.c: FETCH_INSN_MAX, less the end mark.
std::size_t steps_of(const Location& at, const Reading& reading) {
  // A read stores by itself; a value, a name, and an array of pointers to text need a step more.
  const bool stores =
      at.reads == 0 || reading.element == "symstr" || (reading.is_text() && reading.count != 0);
  const bool masks = reading.element.front() == 'b';
  const bool loops = reading.count != 0;
  return at.steps + at.derefs.size() + std::size_t{stores} + std::size_t{masks} +
         std::size_t{loops};
}

}  // namespace

Result<void> check_fetch(const probespec::FetchArg& arg, const Location& at, const Reading& reading,
                         const KernelFeatures& features) {
  KPROBED_TRY_VOID(check_user_memory(arg, at, reading, features));
  const std::string fetch = at.text(), type = reading.kernel_type();
  if (steps_of(at, reading) > probespec::kMaxFetchSteps) {
    return Error(ErrorCode::too_long,
                 format("for the kernel this is '{}:{}', which follows more pointers than it can",
                        fetch, type))
        .at(arg.span);
  }
  // MAX_ARGSTR_LEN counts what stands after NAME=, type included.
  const std::size_t bytes = fetch.size() + 1 + type.size();
  if (bytes <= probespec::kMaxArgExprBytes) return {};
  return Error(ErrorCode::too_long, format("for the kernel this is '{}:{}', {} bytes; it takes {}",
                                           fetch, type, bytes, probespec::kMaxArgExprBytes))
      .at(arg.span);
}

}  // namespace kprobed::resolve
