// SPDX-License-Identifier: Apache-2.0
#include "engine/rcu_callbacks.h"

#include <filesystem>
#include <set>
#include <system_error>

#include "base/file.h"
#include "base/text.h"
#include "ringbuf/cpu_list.h"

namespace kprobed::engine {

namespace {

/// CPUs that have a thread rcuos/N or rcuop/N (rcu_spawn_cpu_nocb_kthread, kernel/rcu/tree_nocb.h).
std::set<std::string> offloaded_cpus(const std::string& proc) {
  std::set<std::string> cpus;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(proc, ignored)) {
    const Result<std::string> comm = read_file(entry.path().string() + "/comm");
    if (!comm.ok()) continue;
    const std::string_view name = trim(*comm);
    if (name.starts_with("rcuos/") || name.starts_with("rcuop/")) cpus.emplace(name.substr(6));
  }
  return cpus;
}

}  // namespace

bool rcu_callbacks_in_interrupts(const std::string& sys, const std::string& proc) {
  const Result<std::string> softirq = read_file(sys + "/module/rcutree/parameters/use_softirq");
  if (softirq.ok() && trim(*softirq) == "N") return false;
  const Result<std::string> possible = read_file(sys + "/devices/system/cpu/possible");
  if (!possible.ok()) return true;
  const auto cpus = ringbuf::parse_cpu_list(trim(*possible));
  if (!cpus.ok() || cpus->empty()) return true;
  return offloaded_cpus(proc).size() < cpus->size();
}

}  // namespace kprobed::engine
