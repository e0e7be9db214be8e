// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "resolve/resolved_probe.h"

namespace kprobed::engine {

/// What `check` says of a probe called `name`: each word's meaning, the probe point, the kernel
/// line, the record's size. Several lines, without the remarks.
std::string explain(const resolve::ResolvedProbe& probe, std::string_view name);

/// What the kernel would get, one for each function; none for an event that is there already.
std::vector<std::string> kernel_lines(const resolve::ResolvedProbe& probe);

/// The remarks as "note: ..." with caret and hint.
std::string render(const std::vector<resolve::Remark>& remarks);

}  // namespace kprobed::engine
