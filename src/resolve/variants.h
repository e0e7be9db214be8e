// SPDX-License-Identifier: Apache-2.0
//
// What compilers make of a function under names of their own: "tcp_ack.isra.0" has lost arguments,
// "vfs_rmdir.part.0" is a piece that was split off, "vfs_get_tree.cold" the unlikely lines.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "probespec/spec.h"
#include "resolve/kernel_view.h"
#include "resolve/resolved_probe.h"

namespace kprobed::resolve {

/// Text symbols "`name`.isra.N", .constprop, .part, .cold, .llvm and their combinations, by
/// address; `module` "" means the kernel and all modules.
std::vector<Symbol> variants_of(std::string_view name, std::string_view module,
                                const KernelView& kernel);

/// Is it the out-of-line rest of a function? It is jumped to, so it has no entry: a return probe
/// would overwrite a word of the stack that is no return address.
bool is_cold(std::string_view symbol);

/// Where the function that `spec` names is absent, and exactly one variant of it is all of it,
/// under another name: puts that into `spec` and says so.
std::optional<Remark> take_variant(probespec::ProbeSpec& spec, const KernelView& kernel);

}  // namespace kprobed::resolve
