// SPDX-License-Identifier: Apache-2.0
//
// What is known against a probe at a place before the kernel is asked. What is certain is an error;
// the rest is said, and the kernel decides.
#pragma once

#include "base/result.h"
#include "probespec/spec.h"
#include "resolve/place.h"

namespace kprobed::resolve {

/// A single kprobe's place: the kernel's blacklist, instruction boundaries, ftrace's reach, return
/// probes away from an entry. Errors: bad_address, wrong_place. Remarks: "notrace", "boundary".
Result<void> check_place(const probespec::ProbeSpec& spec, const KernelView& kernel, Place& place);

}  // namespace kprobed::resolve
