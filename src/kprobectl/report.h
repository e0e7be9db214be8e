// SPDX-License-Identifier: Apache-2.0
//
// What the commands say on standard error, in one manner.
#pragma once

#include <string_view>
#include <vector>

#include "base/error.h"
#include "resolve/resolved_probe.h"

namespace kprobed::kprobectl {

/// "error: ..." with caret and hint; returns the exit status that goes with it.
int report(const Error& error);
/// All of them; the exit status of the first.
int report(const std::vector<Error>& errors);

/// "note: ..." with caret and hint.
void report_remarks(const std::vector<resolve::Remark>& remarks);

/// One of them, about any place; without one if it is unknown.
void report_note(const Span& span, std::string_view message, std::string_view hint);

/// "kprobectl: TEXT"
void say(std::string_view text);

}  // namespace kprobed::kprobectl
