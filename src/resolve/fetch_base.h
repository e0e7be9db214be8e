// SPDX-License-Identifier: Apache-2.0
//
// The innermost word of a fetch, translated: `a1` to %di, `m0xc0ffee` to @0xc0ffee, `filename` to
// where the call passes it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "resolve/c_types.h"
#include "resolve/location.h"
#include "resolve/place.h"
#include "resolve/resolved_probe.h"

namespace kprobed::resolve {

class SignatureCache;

/// Everything a word's meaning depends on.
struct FetchContext {
  const KernelView& kernel;
  const probespec::ProbeSpec& spec;  ///< its kind and mechanism
  const Place& place;
};

/// What types depend on there.
TypeRules type_rules(const FetchContext& context);

struct BaseFetch {
  Location at;                ///< no base: `rp`, which every record of a return probe has anyway
  std::string what;           ///< for people: "argument 1", "parameter 2 'filename' (char *)"
  std::string where;          ///< and where that is: ", in register di"; may be empty
  std::optional<CType> type;  ///< of a parameter by its name
  bool text = false;          ///< of a parameter: a pointer to letters
  /// A number of 64 bits on a 32-bit machine is in two registers: the second. "" for none.
  std::string second;
  bool wide = false;  ///< it is known to have 64 bits, in registers or in memory
};

/// A word of the kernel's language, and what it is to people.
BaseFetch word_fetch(std::string fetch, std::string what, std::string where = {});

/// bad_number: a stack has no such word.
Result<void> check_stack_entry(unsigned n);

/// Errors, at expr.base_span: unknown_register, bad_number,
/// symbol_not_found, unsupported, wrong_place, not_found (no such parameter). Remarks are appended.
Result<BaseFetch> translate_base(const probespec::FetchExpr& expr, const FetchContext& context,
                                 const SignatureCache& signatures, std::vector<Remark>& remarks);

/// PARAM_MAX_STACK, kernel/trace/trace_probe.h: THREAD_SIZE / sizeof(long). That is 16 KiB with
/// 8-byte words and 8 KiB with 4-byte words, so the same everywhere.
inline constexpr unsigned kMaxStackEntry = 2048;

}  // namespace kprobed::resolve
