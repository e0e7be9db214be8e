// SPDX-License-Identifier: Apache-2.0
//
// The innermost word of a fetch, translated: `a1` to %di, `m0xc0ffee` to @0xc0ffee.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "resolve/place.h"
#include "resolve/resolved_probe.h"

namespace kprobed::resolve {

struct BaseFetch {
  std::string fetch;  ///< for kprobe_events: "%di", "$stack1", "@0xc0ffee"; "" for `rp`, which
                      ///< every record of a return probe has anyway
  std::string what;   ///< for people: "argument 1"
  std::string where;  ///< and where that is: ", in register di"; may be empty
};

/// Everything a word's meaning depends on.
struct FetchContext {
  const KernelView& kernel;
  probespec::ProbeKind kind;
  const Place& place;
};

/// Errors, at expr.base_span: unknown_register, bad_number,
/// symbol_not_found, unsupported, wrong_place. Remarks are appended.
Result<BaseFetch> translate_base(const probespec::FetchExpr& expr, const FetchContext& context,
                                 std::vector<Remark>& remarks);

/// PARAM_MAX_STACK, kernel/trace/trace_probe.h: THREAD_SIZE / sizeof(long). That is 16 KiB with
/// 8-byte words and 8 KiB with 4-byte words, so the same everywhere.
inline constexpr unsigned kMaxStackEntry = 2048;

}  // namespace kprobed::resolve
