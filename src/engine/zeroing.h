// SPDX-License-Identifier: Apache-2.0
//
// Does this kernel zero a kprobe's record before it fills it? kprobe_perf_func
// (kernel/trace/trace_kprobe.c) clears as many bytes as the record's strings take, which the hidden
// strings of ResolvedProbe::padding make use of. Nothing promises that it will always do so:
// therefore it is tried, once, on the kernel in front of us.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/machine.h"
#include "resolve/resolved_probe.h"

namespace kprobed::engine {

struct Zeroing {
  bool works = false;  ///< a hidden text makes the kernel zero the record: nothing old is shown
  /// An unreadable number is then 0 at any address. Debian's 6.1 stores a kernel address instead
  /// where an error pointer is followed (seen; NULL and wild pointers give 0).
  bool always_zero = false;
};

/// Arms probes on the wrapper of getppid(2), one after the other, and calls it: the first leaves a
/// pattern in this CPU's record, the others read memory that nobody has. `group` is ours alone.
/// Errors: what arming says, and unsupported where the wrapper is not known.
Result<Zeroing> try_zeroing(const Machine& machine, const std::string& group);

/// The answer for one process, asked for when the first probe needs it.
class ZeroingTest {
 public:
  explicit ZeroingTest(std::string group) : group_(std::move(group)) {}

  /// forget_padding() or distrust_padding() for those of `probes` that trust in a zeroed record,
  /// where the kernel does not zero it or could not be tried, or where 0 is not all it gives.
  void settle(const Machine& machine, std::vector<resolve::ResolvedProbe>& probes);

 private:
  std::string group_;
  std::optional<Zeroing> found_;
};

}  // namespace kprobed::engine
