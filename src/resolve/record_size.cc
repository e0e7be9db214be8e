// SPDX-License-Identifier: Apache-2.0
#include "resolve/record_size.h"

namespace kprobed::resolve {

RecordLimit record_limit(const KernelFeatures& features) {
  // No file tells PERF_MAX_TRACE_SIZE. It grew in 5.17 (and in later points of 5.10 and 5.15), so
  // a feature of 6.0 proves the large one.
  if (features.known && features.group_only_names) return {8192, 8192};
  return {2048, 8192};
}

std::size_t carried_bytes(std::size_t bytes) {
  constexpr std::size_t kSizeWord = 4;
  return ((bytes + kSizeWord + 7) & ~std::size_t{7}) - kSizeWord;
}

RecordSize record_size(probespec::ProbeKind kind, std::span<const ResolvedArg> args,
                       std::size_t word_bytes) {
  const std::size_t addresses = kind == probespec::ProbeKind::entry ? 1 : 2;
  constexpr std::size_t kCommonHeader = 8;
  RecordSize size;
  size.fixed = kCommonHeader + addresses * word_bytes;
  std::size_t text = 0;
  for (const ResolvedArg& arg : args) {
    if (arg.source != ValueSource::fetcharg) continue;
    size.fixed += arg.fixed_bytes;
    text += arg.text_bytes;
  }
  size.worst = size.fixed + text;
  return size;
}

}  // namespace kprobed::resolve
