// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "wire/messages.h"

namespace kprobed::wire {

/// What a request's texts and lists may hold. Errors name the field: "params.probes[3] must not be
/// empty".
Result<void> check_limits(const RequestBody& body);

}  // namespace kprobed::wire
