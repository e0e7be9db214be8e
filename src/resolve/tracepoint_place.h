// SPDX-License-Identifier: Apache-2.0
//
// 't': events that the kernel has already, and probe events on raw tracepoints; 'f': fprobe events.
#pragma once

#include <string_view>

#include "base/result.h"
#include "decode/format_file.h"
#include "probespec/spec.h"
#include "resolve/place.h"

namespace kprobed::resolve {

/// `t GROUP/EVENT`. Errors: not_found, wrong_place (an event of ours), malformed.
Result<Place> find_existing_event(const probespec::ProbeSpec& spec, const KernelView& kernel);

/// `t NAME`. Errors: unsupported, not_found.
Result<Place> find_raw_tracepoint(const probespec::ProbeSpec& spec, const KernelView& kernel);

/// `f SYMBOL`. Errors: unsupported, those of choose_symbol, bad_address (not traceable).
Result<Place> find_fprobe_place(const probespec::ProbeSpec& spec, const KernelView& kernel);

/// The record of an event that the kernel has.
Result<decode::EventFormat> read_event_format(std::string_view group, std::string_view event,
                                              const KernelView& kernel);

}  // namespace kprobed::resolve
