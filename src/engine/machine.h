// SPDX-License-Identifier: Apache-2.0
//
// The machine we run on, opened once: where tracefs is and what its kernel knows.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "resolve/resolved_probe.h"
#include "stream/event_plan.h"
#include "symbols/running_kernel.h"
#include "tracefs/tracefs.h"

namespace kprobed::engine {

/// Names addresses for the stream's encoders out of one snapshot of kallsyms, which it keeps.
class KernelNames final : public stream::AddressNames {
 public:
  explicit KernelNames(std::shared_ptr<const symbols::TextNames> names)
      : names_(std::move(names)) {}
  Place place_of(std::uint64_t address) const override;

 private:
  std::shared_ptr<const symbols::TextNames> names_;
};

/// Finds (or mounts) tracefs, and makes sure that it may be written: no_tracefs, no_permission say
/// why not. That the kernel has kprobes is not asked here: see Machine::check_arming().
Result<tracefs::Tracefs> open_tracefs_for_arming();

/// Where the lines of such probes go. Meaningless for events that are there already.
tracefs::EventsFile events_file(resolve::EventSource source);

/// Which modules are loaded, and where, out of /proc/modules; not how often each is used, which
/// changes all the time.
std::string loaded_modules(std::string_view proc_modules);

struct Machine {
  tracefs::Tracefs tracefs;
  std::shared_ptr<const symbols::RunningKernel> kernel;

  /// For arming: as open_tracefs_for_arming(), and what the kernel knows of itself.
  /// `modules`: as RunningKernel::open() has it.
  static Result<Machine> open_for_arming(std::shared_ptr<symbols::ModuleFiles> modules = nullptr);

  /// For looking only: whatever this process may see. Never mounts anything.
  static Result<Machine> open_for_checking();

  /// Can probes of that kind be written here at all? no_kprobes, unsupported, no_permission and
  /// no_tracefs say why not.
  Result<void> check_arming(resolve::EventSource source) const;
};

}  // namespace kprobed::engine
