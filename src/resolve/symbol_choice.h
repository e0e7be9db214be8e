// SPDX-License-Identifier: Apache-2.0
//
// From a name to the one symbol it means, and from an address back to a name that the kernel takes.
// kprobe_events refuses names that several symbols have; older kernels silently take the first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "probespec/spec.h"
#include "resolve/kernel_view.h"

namespace kprobed::resolve {

/// False where the view has no symbols at all (no /proc/kallsyms): then only the kernel can tell
/// whether a name exists.
bool knows_symbols(const KernelView& kernel);

/// As number_of_same_symbols in kernel/trace/trace_kprobe.c counts: a name over the kernel and all
/// modules, text or data; a module's only in that module, where MOD:NAME says which.
bool is_unique(const Symbol& symbol, const KernelView& kernel);

/// The text symbol that the spec's point names. Errors: symbol_not_found,
/// symbol_not_unique (which says how to write each of them), bad_address for data.
Result<Symbol> choose_symbol(const probespec::ProbeSpec& spec, const KernelView& kernel);

/// symbol_not_found with what was probably meant.
Error not_found_error(std::string_view name, std::string_view module, const KernelView& kernel);

/// "[MOD:]SYM+delta" for an address in text: SYM is the nearest symbol at or below it, in the same
/// module, whose name is unique. kprobe_events takes any offset from any symbol, also beyond its
/// end (kernel/kprobes.c _kprobe_addr finds the function by address). nullopt if there is none.
std::optional<std::string> kernel_place_of(std::uint64_t address, const KernelView& kernel);

/// "SYM+delta" or "MOD:SYM+delta".
std::string kernel_place(const Symbol& symbol, std::uint64_t delta);

}  // namespace kprobed::resolve
