// SPDX-License-Identifier: Apache-2.0
#include "engine/entry_test.h"

#include <unistd.h>

#include <string_view>

#include "base/format.h"
#include "tracefs/groups.h"
#include "tracefs/installed_probe.h"

namespace kprobed::engine {

namespace {

/// In every kernel since long before 5.10, and traceable.
constexpr std::string_view kFunction = "vfs_read";

bool takes(const tracefs::Tracefs& tracefs, const std::string& group, std::string_view event,
           unsigned offset) {
  const std::string line = format("p:{}/{} {}+{}", group, event, kFunction, offset);
  return tracefs::InstalledProbe::install(tracefs, tracefs::EventsFile::kprobe, group, event, line,
                                          nullptr)
      .ok();
}

bool try_entries(const tracefs::Tracefs& tracefs, const arch::ArchAbi& abi) {
  if (::geteuid() != 0 || !tracefs.check_kprobes().ok()) return false;
  const auto self = tracefs::own_identity();
  if (!self.ok()) return false;
  const std::string group = tracefs::run_group(*self);
  return !takes(tracefs, group, "entry_itself", 0) &&
         takes(tracefs, group, "entry_behind", abi.entry_sled_bytes);
}

}  // namespace

bool entries_are_refused(const tracefs::Tracefs& tracefs, const arch::ArchAbi& abi) {
  if (abi.entry_sled_bytes == 0) return false;
  static const bool refused = try_entries(tracefs, abi);
  return refused;
}

}  // namespace kprobed::engine
