// SPDX-License-Identifier: Apache-2.0
#include "resolve/entry_sled.h"

#include <charconv>
#include <string>

#include "base/format.h"
#include "resolve/syscall_place.h"

namespace kprobed::resolve {

namespace {

using probespec::Mechanism;
using probespec::ProbeKind;
using probespec::ProbeSpec;

/// "vfs_read+8" for "vfs_read+0".
std::string moved(const std::string& kernel_point, unsigned bytes) {
  const std::size_t plus = kernel_point.rfind('+');
  if (plus == std::string::npos) return format("{}+{}", kernel_point, bytes);
  std::uint64_t offset = 0;
  std::from_chars(kernel_point.data() + plus + 1, kernel_point.data() + kernel_point.size(),
                  offset);
  return format("{}+{}", kernel_point.substr(0, plus), offset + bytes);
}

const Span& symbol_span(const ProbeSpec& spec) {
  return spec.point.symbol_span.known() ? spec.point.symbol_span : spec.point.span;
}

}  // namespace

Result<void> pass_entry_sled(const ProbeSpec& spec, const KernelView& kernel, Place& place) {
  if (!kernel.features().entries_refused || !place.at_entry) return {};
  // Where ftrace has nothing there is nothing to pass. (Of a module that is absent nobody knows.)
  if (!place.deferred && kernel.traceable(place.symbol) == false) return {};
  if (spec.kind == ProbeKind::on_return) {
    return Error(ErrorCode::unsupported,
                 "this kernel takes no return probes: they need a function's first instruction, "
                 "which its ftrace has for itself (riscv64, Linux 6.10 to 6.17)")
        .with_hint(kernel.features().fprobes
                       ? std::string("it has fprobe events, which tell returns of one function by "
                                     "its name: 'f SYMBOL%return rv'")
                       : format("'p {}' works here; fprobe events, which could tell returns, are "
                                "not built into this kernel",
                                probespec::print(spec.point)))
        .at(spec.kind_span.known() ? spec.kind_span : spec.point.span);
  }
  const std::uint8_t bytes = kernel.abi().entry_sled_bytes;
  place.entry_shift = bytes;
  place.kernel_point = moved(place.kernel_point, bytes);
  for (ProbeMember& member : place.members) member.kernel_point = moved(member.kernel_point, bytes);
  return {};
}

std::optional<Remark> return_by_fprobe(ProbeSpec& spec, const KernelView& kernel) {
  const KernelFeatures& features = kernel.features();
  if (!features.entries_refused || !features.fprobes || spec.kind != ProbeKind::on_return ||
      spec.mechanism != Mechanism::probe || !spec.point.path.empty() || spec.point.several() ||
      spec.point.address || spec.point.offset != 0 ||
      (!spec.point.module.empty() && !kernel.module_loaded(spec.point.module))) {
    return std::nullopt;
  }
  if (const auto syscall = find_syscall(spec.point, kernel)) spec.point.symbol = syscall->symbol;
  if (kernel.traceable(spec.point.symbol) == false) return std::nullopt;
  spec.mechanism = Mechanism::fprobe;
  return Remark{"fprobe",
                format("this kernel takes no return probes, so '{}' is probed by an fprobe",
                       spec.point.symbol),
                "", symbol_span(spec)};
}

}  // namespace kprobed::resolve
