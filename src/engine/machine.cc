// SPDX-License-Identifier: Apache-2.0
#include "engine/machine.h"

#include <unistd.h>

#include "base/text.h"
#include "engine/entry_test.h"
#include "engine/rcu_callbacks.h"

namespace kprobed::engine {

stream::AddressNames::Place KernelNames::place_of(std::uint64_t address) const {
  const symbols::TextNames::Place place = names_->place_of(address);
  return {place.symbol, place.offset, place.size, place.module};
}

namespace {

/// What tracefs' README says; "unknown" where it cannot be read.
resolve::KernelFeatures read_features(const tracefs::Tracefs& tracefs) {
  Result<std::string> readme = tracefs.readme();
  return readme.ok() ? resolve::parse_readme(*readme) : resolve::KernelFeatures{};
}

Result<Machine> open_kernel(tracefs::Tracefs tracefs,
                            std::shared_ptr<symbols::ModuleFiles> modules = nullptr) {
  resolve::KernelFeatures features = read_features(tracefs);
  if (const arch::ArchAbi* abi = arch::host()) {
    features.kprobes_may_crash = abi->interrupted_in_probes && rcu_callbacks_in_interrupts();
    if (!features.kprobes_may_crash) {
      features.entries_refused = entries_are_refused(tracefs, *abi);
    }
  }
  KPROBED_TRY(auto kernel,
              symbols::RunningKernel::open(features, tracefs.path(""), std::move(modules)));
  return Machine{std::move(tracefs), std::move(kernel)};
}

}  // namespace

Result<tracefs::Tracefs> open_tracefs_for_arming() {
  if (::geteuid() != 0) {
    return Error(ErrorCode::no_permission, "arming probes needs root")
        .with_hint("run it again with sudo");
  }
  KPROBED_TRY(auto tracefs, tracefs::Tracefs::find(/*may_mount=*/true));
  // A kernel without kprobes may have uprobes, and has events of its own.
  auto kprobes = tracefs.check_kprobes();
  if (!kprobes.ok() && kprobes.error().code != ErrorCode::no_kprobes) {
    return std::move(kprobes).error();
  }
  return tracefs;
}

std::string loaded_modules(std::string_view proc_modules) {
  // m_show, kernel/module/procfs.c: name, size, uses, users, state, address.
  std::string loaded;
  for (const std::string_view line : split_lines(proc_modules)) {
    const auto words = split_words(line);
    if (words.size() < 6) continue;
    for (const std::size_t at : {0, 1, 4, 5}) {
      loaded += words[at];
      loaded += ' ';
    }
    loaded += '\n';
  }
  return loaded;
}

Result<Machine> Machine::open_for_arming(std::shared_ptr<symbols::ModuleFiles> modules) {
  KPROBED_TRY(auto tracefs, open_tracefs_for_arming());
  return open_kernel(std::move(tracefs), std::move(modules));
}

Result<Machine> Machine::open_for_checking() {
  Result<tracefs::Tracefs> found = tracefs::Tracefs::find(/*may_mount=*/false);
  // A path that does not exist answers every question with "cannot be read".
  return open_kernel(found.ok() ? std::move(found).value()
                                : tracefs::Tracefs("/sys/kernel/tracing"));
}

Result<void> Machine::check_arming(resolve::EventSource source) const {
  if (source == resolve::EventSource::existing) return {};
  return tracefs.check(events_file(source));
}

tracefs::EventsFile events_file(resolve::EventSource source) {
  switch (source) {
    case resolve::EventSource::uprobe:
      return tracefs::EventsFile::uprobe;
    case resolve::EventSource::dynamic:
      return tracefs::EventsFile::dynamic;
    case resolve::EventSource::kprobe:
    case resolve::EventSource::existing:
      break;
  }
  return tracefs::EventsFile::kprobe;
}

}  // namespace kprobed::engine
