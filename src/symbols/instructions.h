// SPDX-License-Identifier: Apache-2.0
//
// Where in a function probes can be set, from its bytes. It advises: the kernel, which knows what
// was there before it was patched, decides (EILSEQ, EINVAL).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "arch/arch_abi.h"
#include "base/byte_cursor.h"
#include "base/result.h"
#include "resolve/kernel_view.h"

namespace kprobed::symbols {

/// What is known of the kernel that the bytes are from.
struct CodeFacts {
  std::function<bool(std::uint64_t address)> blacklisted;
  std::function<bool(std::uint64_t address)> in_text;
  /// Where kprobes are now, sorted; nullopt if it cannot be known.
  std::optional<std::vector<std::uint64_t>> probes;
};

/// The instructions of `code`, which begins a function at `address`. x86_64 by a decoder; elsewhere
/// by the width that the instructions' first bits tell, without text. unsupported for an
/// architecture whose widths are not known.
Result<resolve::Disassembly> decode_function(const arch::ArchAbi& abi, Bytes code,
                                             std::uint64_t address, const CodeFacts& facts);

}  // namespace kprobed::symbols
