// SPDX-License-Identifier: Apache-2.0
//
// Bytes of the running kernel, through /proc/kcore: an ELF core file that shows its memory as it is
// now, so also what other probes have patched into the code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace kprobed::symbols {

/// `bytes` from `address` on, or as many as lie in one piece. Errors: unsupported (the file is not
/// there, or does not have that address), no_permission, malformed, io.
Result<std::vector<std::byte>> read_kernel_code(const std::string& kcore_path,
                                                std::uint64_t address, std::size_t bytes);

}  // namespace kprobed::symbols
