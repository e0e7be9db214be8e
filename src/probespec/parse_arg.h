// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "probespec/spec.h"
#include "probespec/token.h"

namespace kprobed::probespec {

/// [NAME=]FETCH[:TYPE], with the rules about which word goes with which probe and type (check_arg);
/// `spec` has all but its arguments. Whether the name is free among its neighbours is not known
/// here. Errors: syntax, bad_number, bad_name, too_long, too_many (dereferences, fields),
/// unknown_type, wrong_place.
Result<FetchArg> parse_arg(const Token& token, const ProbeSpec& spec);

}  // namespace kprobed::probespec
