// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "resolve/resolved_probe.h"

namespace kprobed::engine {

/// What `check` says of a probe called `name`: each word's meaning, the probe point, the kernel
/// line, the record's size. Several lines, without the remarks.
std::string explain(const resolve::ResolvedProbe& probe, std::string_view name);

/// The remarks as "note: ..." with caret and hint.
std::string render(const std::vector<resolve::Remark>& remarks);

}  // namespace kprobed::engine
