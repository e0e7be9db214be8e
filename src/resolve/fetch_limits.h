// SPDX-License-Identifier: Apache-2.0
//
// What kprobe_events takes of one fetcharg. The parser has checked what the user wrote; names,
// fields and words of 2009 grow when they are translated.
#pragma once

#include "base/result.h"
#include "probespec/spec.h"
#include "resolve/c_types.h"
#include "resolve/location.h"

namespace kprobed::resolve {

/// Errors carry Spans: too_long (MAX_ARGSTR_LEN, FETCH_INSN_MAX), unsupported (+u), wrong_place (an
/// array by +u).
Result<void> check_fetch(const probespec::FetchArg& arg, const Location& at, const Reading& reading,
                         const KernelFeatures& features);

}  // namespace kprobed::resolve
