// SPDX-License-Identifier: Apache-2.0
//
// Uprobes: a place in a program or library.
#pragma once

#include "base/result.h"
#include "probespec/spec.h"
#include "resolve/place.h"

namespace kprobed::resolve {

/// Errors: those of KernelView::binary_place, each at the part of the point that it is about;
/// unsupported (no uprobe events), wrong_place (a return probe inside a function).
Result<Place> find_binary_place(const probespec::ProbeSpec& spec, const KernelView& kernel);

/// The PATH of a uprobe's point.
Span path_span(const probespec::ProbePoint& point);

}  // namespace kprobed::resolve
