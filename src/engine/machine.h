// SPDX-License-Identifier: Apache-2.0
//
// The machine we run on, opened once: where tracefs is and what its kernel knows.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "stream/event_plan.h"
#include "symbols/running_kernel.h"
#include "tracefs/tracefs.h"

namespace kprobed::engine {

/// Names addresses for the stream's encoders out of kallsyms.
class KernelNames final : public stream::AddressNames {
 public:
  explicit KernelNames(const symbols::Kallsyms& kallsyms) : kallsyms_(kallsyms) {}
  Place place_of(std::uint64_t address) const override;

 private:
  const symbols::Kallsyms& kallsyms_;
};

/// Finds (or mounts) tracefs, and makes sure that kprobe events can be written there at all:
/// no_tracefs, no_kprobes, no_permission say why not.
Result<tracefs::Tracefs> open_tracefs_for_arming();

/// Which modules are loaded, and where, out of /proc/modules; not how often each is used, which
/// changes all the time.
std::string loaded_modules(std::string_view proc_modules);

struct Machine {
  tracefs::Tracefs tracefs;
  std::shared_ptr<const symbols::RunningKernel> kernel;

  /// For arming: as open_tracefs_for_arming(), and what the kernel knows of itself.
  static Result<Machine> open_for_arming();

  /// For looking only: whatever this process may see. Never mounts anything.
  static Result<Machine> open_for_checking();

  /// Makes `kprobe` writes possible at all: no_kprobes, no_permission, no_tracefs say why not.
  Result<void> check_arming() const { return tracefs.check_kprobes(); }
};

}  // namespace kprobed::engine
