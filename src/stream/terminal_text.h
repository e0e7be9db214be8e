// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace kprobed::stream {

/// Appends `text` so that a terminal shows it and does nothing else with it: as \xNN go C0 and C1
/// controls, DEL, the line and paragraph separators, the bidirectional controls (which reorder what
/// stands beside them) and bytes that are not UTF-8. A backslash becomes \\, so that no text can
/// look like an escape. In quotes a quote becomes \".
void append_for_terminal(std::string_view text, bool in_quotes, std::string& out);

}  // namespace kprobed::stream
