// SPDX-License-Identifier: Apache-2.0
#include "engine/preflight.h"

#include "base/file.h"
#include "base/format.h"
#include "base/text.h"
#include "resolve/record_size.h"

namespace kprobed::engine {

bool read_panic_on_warn() {
  const Result<std::string> text = read_file("/proc/sys/kernel/panic_on_warn", 4096);
  return text.ok() && trim(*text) != "0";
}

Result<void> preflight(const resolve::ResolvedProbe& probe, const resolve::KernelFeatures& features,
                       const PreflightOptions& options) {
  if (features.kprobes_may_crash && probe.source == resolve::EventSource::kprobe) {
    return Error(ErrorCode::unsupported,
                 "a kprobe can bring this kernel down: on MIPS a probe that is hit while an ended "
                 "process is cleaned up is forgotten by the kernel")
        .at(probe.spec.span)
        .with_hint(
            "boot with rcutree.use_softirq=0 (or rcu_nocbs=all), which keeps the two apart; "
            "uprobes and the kernel's own events work as it is");
  }
  const resolve::RecordLimit limit = resolve::record_limit(features);
  if (!options.panic_on_warn || options.allow_oversize) return {};
  if (resolve::carried_bytes(probe.worst_bytes) <= limit.surely_carried) return {};
  return Error(
             ErrorCode::oversize,
             format(
                 "a record of this probe can take {} bytes, over the {} that perf surely carries; "
                 "the kernel's warning about it would be a panic here (panic_on_warn=1)",
                 with_thousands(probe.worst_bytes), with_thousands(limit.surely_carried)))
      .at(probe.spec.span)
      .with_hint("record fewer strings, or say --allow-oversize if you take the risk");
}

}  // namespace kprobed::engine
