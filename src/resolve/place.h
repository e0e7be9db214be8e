// SPDX-License-Identifier: Apache-2.0
//
// Where a probe goes on this kernel.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "probespec/spec.h"
#include "resolve/kernel_view.h"
#include "resolve/resolved_probe.h"

namespace kprobed::resolve {

/// The fields of the same name in ResolvedProbe say more.
struct Place {
  std::string module;
  std::string symbol;
  std::uint64_t offset = 0;
  std::uint64_t address = 0;
  bool at_entry = true;
  bool deferred = false;  ///< its module is not loaded: the kernel arms it when it comes
  std::string kernel_point;
  std::vector<Remark> remarks;

  /// "vfs_read+4", for messages.
  std::string text() const;
};

/// Errors: symbol_not_found, symbol_not_unique, bad_address, no_permission (addresses are needed
/// and not visible), wrong_place (a return probe away from an entry). Each with a Span.
Result<Place> find_place(const probespec::ProbeSpec& spec, const KernelView& kernel);

}  // namespace kprobed::resolve
