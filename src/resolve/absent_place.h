// SPDX-License-Identifier: Apache-2.0
//
// Places in modules that are not loaded: MOD:SYM, and names that only a module's file has.
#pragma once

#include <string>

#include "base/result.h"
#include "probespec/spec.h"
#include "resolve/kernel_view.h"
#include "resolve/place.h"

namespace kprobed::resolve {

/// `point` names a module that is not loaded: the kernel arms such a line when the module comes,
/// before its init function runs. Checked against the module's file. Errors: symbol_not_found,
/// symbol_not_unique, bad_address.
Result<Place> in_absent_module(const probespec::ProbePoint& point, const KernelView& kernel,
                               const ResolveOptions& options);

/// Nothing that is there now has the name that `point` says without a module: the one module whose
/// file has it. `not_found` comes back where none has; busy while the files are being read.
Result<Place> in_module_files(const probespec::ProbePoint& point, const KernelView& kernel,
                              Error not_found);

/// SYMBOL+offset, not negative, as the user wrote it: nothing is known that could say more.
Place place_as_written(const probespec::ProbePoint& point);

}  // namespace kprobed::resolve
