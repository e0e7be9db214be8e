// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace kprobed::fuzz {

/// What must hold whatever the bytes are: else the program ends, as fuzzers expect. `text`: what to
/// show of the input.
inline void require(bool holds, const char* what, std::string_view text = {}) {
  if (holds) return;
  std::fprintf(stderr, "%s: does not hold", what);
  if (!text.empty()) std::fprintf(stderr, " for these %zu bytes:\n", text.size());
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fputc('\n', stderr);
  std::abort();
}

}  // namespace kprobed::fuzz
