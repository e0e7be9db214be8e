// SPDX-License-Identifier: Apache-2.0
//
// From PATH:SYMBOL+offset, or PATH:offset, to the place in the file that uprobe_events takes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "arch/arch_abi.h"
#include "base/result.h"
#include "resolve/kernel_view.h"
#include "symbols/elf_file.h"

namespace kprobed::symbols {

/// As resolve::KernelView::binary_place asks. `abi` is the machine's: programs of others do not run
/// here.
Result<resolve::BinaryPlace> find_binary_place(const ElfFile& file, const arch::ArchAbi& abi,
                                               std::string_view symbol, std::uint64_t offset);

}  // namespace kprobed::symbols
