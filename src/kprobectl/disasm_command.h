// SPDX-License-Identifier: Apache-2.0
//
// `kprobectl disasm [MOD:]SYMBOL`: a function's instructions, and on which of them a probe can be
// set.
#pragma once

#include <string>

namespace kprobed::kprobectl {

struct DisasmOptions {
  std::string place;  ///< [MOD:]SYMBOL
  bool json = false;
};

/// Returns an ExitCode.
int disasm(const DisasmOptions& options);

}  // namespace kprobed::kprobectl
