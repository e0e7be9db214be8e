// SPDX-License-Identifier: Apache-2.0
//
// Which word goes with which probe, dereference and type, as far as no machine is needed to know:
// the rules of kernel/trace/trace_probe.c, and those of the words it does not have.
#pragma once

#include "base/result.h"
#include "probespec/spec.h"
#include "probespec/token.h"

namespace kprobed::probespec {

/// An argument and the parts of its text.
struct ArgTokens {
  Token all;
  Token body;   ///< without NAME=
  Token fetch;  ///< body without :TYPE
  Token word;   ///< the innermost one
  Token type;   ///< without ':'; empty if none was written
};

/// `spec` has all but its arguments. Errors: wrong_place, too_many (dereferences), too_long.
Result<void> check_arg(const FetchArg& arg, const ProbeSpec& spec, const ArgTokens& tokens);

}  // namespace kprobed::probespec
