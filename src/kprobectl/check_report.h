// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "resolve/resolved_probe.h"
#include "wire/messages.h"

namespace kprobed::kprobectl {

/// What `check -o json` says of a probe called `name`.
wire::CheckedProbe checked_probe(const resolve::ResolvedProbe& probe, std::string_view name);

}  // namespace kprobed::kprobectl
