// SPDX-License-Identifier: Apache-2.0
//
// Functions that are not what their name promises: renamed, or inlined into their callers so that a
// probe on them arms and stays silent. The rows live in conf/symbol-drift.tsv and are compiled in.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "probespec/spec.h"
#include "resolve/kernel_view.h"

namespace kprobed::resolve {

struct DriftRow {
  enum class Kind : std::uint8_t {
    silent,  ///< the symbol is still there, but its calls are inlined away
    gone,    ///< renamed: counts only where the symbol is absent
  };

  std::string_view symbol;  ///< what users type: "do_sys_open"
  std::string_view
      replacement;  ///< the live path: "do_sys_openat2"; must exist for the row to apply
  Kind kind = Kind::silent;
  std::string_view archs;       ///< comma-separated ArchAbi names, or "*"
  unsigned same_arguments = 0;  ///< the first N arguments mean the same in both
  std::string_view why;         ///< one sentence, without final dot

  bool operator==(const DriftRow&) const = default;
};

std::span<const DriftRow> drift_table();

/// The row that applies to `symbol` on this kernel: right architecture, replacement present, and
/// for a renamed one the symbol itself absent.
const DriftRow* find_drift(std::string_view symbol, const KernelView& kernel);

/// Does every argument that `spec` records mean the same after replacement? Registers and stack
/// entries that carry an argument at entry count as that argument, and a parameter's name as the
/// argument that it has in the replacement, if BTF knows it; a place inside the function never
/// carries over, nor does $args.
bool carries_over(const DriftRow& row, const probespec::ProbeSpec& spec, const KernelView& kernel);

/// The table from its text: '#' begins a comment line; malformed rows are left out, and counted in
/// `*malformed` if that is given. The rows point into `tsv`. Pure.
std::vector<DriftRow> parse_drift(std::string_view tsv, std::size_t* malformed);

}  // namespace kprobed::resolve
