// SPDX-License-Identifier: Apache-2.0
//
// %pd and %pD: the name behind a struct dentry or struct file. The kernel has them since 6.10
// (traceprobe_expand_dentry_args, kernel/trace/trace_probe.c); with BTF's offsets every kernel
// does.
#pragma once

#include "base/result.h"
#include "probespec/spec.h"
#include "resolve/kernel_view.h"
#include "resolve/location.h"

namespace kprobed::resolve {

bool is_dentry_type(const probespec::FetchArg& arg);

/// From the pointer that `at` gives to the text. unsupported where the kernel has no BTF, at the
/// type's span.
Result<void> read_dentry_name(const probespec::FetchArg& arg, const KernelView& kernel,
                              Location& at);

}  // namespace kprobed::resolve
