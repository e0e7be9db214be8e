// SPDX-License-Identifier: Apache-2.0
//
// What perf_event_open(2), its ioctls and mmap(2) mean by an errno, as sentences. Pure: given the
// number, it asks nobody.
#pragma once

#include "base/error.h"

namespace kprobed::ringbuf {

/// `what` in all of these: what was being opened, e.g. "trace event 1348 on CPU 2".
Error explain_open(int err, std::string_view what);

/// PERF_EVENT_IOC_SET_FILTER of `filter`. The kernel has no words for what is wrong, and its errnos
/// mean other things than elsewhere (KERNEL-FACTS 6.4): none of them is passed on that would
/// mislead.
Error explain_filter(int err, std::string_view filter);

/// PERF_EVENT_IOC_SET_OUTPUT; kernel/events/core.c, perf_event_set_output().
Error explain_redirect(int err);

/// The mapping of `bytes` of ring; kernel/events/core.c, perf_mmap().
Error explain_mmap(int err, std::size_t bytes, std::string_view what);

}  // namespace kprobed::ringbuf
