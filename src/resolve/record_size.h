// SPDX-License-Identifier: Apache-2.0
//
// How large a kprobe event's record gets, and what perf carries. A larger one is dropped by the
// kernel with one WARN, without a LOST record, and yet counted as a hit (KERNEL-FACTS 12, 26).
#pragma once

#include <cstddef>
#include <span>

#include "probespec/spec.h"
#include "resolve/kernel_view.h"
#include "resolve/resolved_probe.h"

namespace kprobed::resolve {

/// PERF_MAX_TRACE_SIZE (include/linux/trace_events.h), as far as the kernel lets us know it: 2,048
/// on early 5.10 and 5.15 kernels, 8,192 later. Both compare with carried_bytes().
struct RecordLimit {
  std::size_t surely_carried = 0;
  std::size_t maybe_carried = 0;

  bool certain() const { return surely_carried == maybe_carried; }
  bool operator==(const RecordLimit&) const = default;
};

RecordLimit record_limit(const KernelFeatures& features);

/// What perf_trace_buf_alloc is asked for when a record has `bytes` bytes: together with the u32
/// size in front of it, a multiple of 8 (kprobe_perf_func, kernel/trace/trace_kprobe.c).
std::size_t carried_bytes(std::size_t bytes);

struct RecordSize {
  std::size_t fixed = 0;  ///< without the text of its strings
  std::size_t worst = 0;  ///< with every string at its longest
};

/// The record of a probe with these arguments: 8 bytes of common header, __probe_ip or __probe_func
/// and __probe_ret_ip (`word_bytes` each: the kernel's, also for programs), then the fields without
/// any padding (KERNEL-FACTS 3.3).
RecordSize record_size(probespec::ProbeKind kind, std::span<const ResolvedArg> args,
                       std::size_t word_bytes);

/// The longest string the kernel records (MAX_STRING_SIZE, PATH_MAX), with its NUL.
inline constexpr std::size_t kMaxStringBytes = 4096;
/// TASK_COMM_LEN, with its NUL.
inline constexpr std::size_t kMaxCommBytes = 16;
/// KSYM_SYMBOL_LEN (include/linux/kallsyms.h) of 6.18, with its NUL: the text of a symstr.
inline constexpr std::size_t kMaxSymbolTextBytes = 668;

}  // namespace kprobed::resolve
