// SPDX-License-Identifier: Apache-2.0
//
// Standard output of commands that write some text and end.
#pragma once

#include <string_view>

namespace kprobed::kprobectl {

/// At once, so that it keeps its order with what goes to standard error.
void write_out(std::string_view text);

/// kDone, or kFailed after a complaint if something could not be written (a full disk); a reader
/// that has gone is no complaint.
int end_output();

}  // namespace kprobed::kprobectl
