// SPDX-License-Identifier: Apache-2.0
//
// The one sample layout this program asks for, and reads: constant and reader belong together and
// change in one commit. man 2 perf_event_open; kernel/events/core.c perf_output_sample().
#pragma once

#include <linux/perf_event.h>

#include <cstdint>

namespace kprobed::decode {

/// PERF_RECORD_SAMPLE is, after its header:
///   u64 identifier | u32 pid, tid | u64 time_ns | u32 cpu, reserved | u32 raw_size | raw bytes
inline constexpr std::uint64_t kSampleType =
    PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU | PERF_SAMPLE_RAW;

/// Every other record ends, with sample_id_all, in:
///   u32 pid, tid | u64 time_ns | u32 cpu, reserved | u64 identifier
inline constexpr std::size_t kTrailerBytes = 32;

/// Bytes before raw_size, the header included.
inline constexpr std::size_t kSampleHeadBytes = 40;

}  // namespace kprobed::decode
