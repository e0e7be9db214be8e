// SPDX-License-Identifier: Apache-2.0
#include "engine/rcu_callbacks.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "ringbuf/cpu_list.h"

namespace kprobed::engine {

namespace {

/// Does the command line offload all CPUs? That the threads rcuo?/N exist says nothing: they do
/// with any list (rcu_spawn_cpu_nocb_kthread, kernel/rcu/tree_nocb.h), and anybody can be called
/// so.
bool offloads(std::string_view word, const std::vector<unsigned>& possible) {
  constexpr std::string_view kOption = "rcu_nocbs=";
  if (!word.starts_with(kOption)) return false;
  const std::string_view list = word.substr(kOption.size());
  if (list == "all") return true;
  const auto cpus = ringbuf::parse_cpu_list(list);
  return cpus.ok() && std::ranges::all_of(possible, [&cpus](unsigned cpu) {
           return std::ranges::find(*cpus, cpu) != cpus->end();
         });
}

}  // namespace

bool rcu_callbacks_in_interrupts(const std::string& sys, const std::string& proc) {
  const Result<std::string> softirq = read_file(sys + "/module/rcutree/parameters/use_softirq");
  if (softirq.ok() && trim(*softirq) == "N") return false;
  const Result<std::string> possible = read_file(sys + "/devices/system/cpu/possible");
  const Result<std::string> words = read_file(proc + "/cmdline");
  if (!possible.ok() || !words.ok()) return true;
  const auto cpus = ringbuf::parse_cpu_list(trim(*possible));
  if (!cpus.ok() || cpus->empty()) return true;
  return std::ranges::none_of(split_words(trim(*words)),
                              [&cpus](std::string_view word) { return offloads(word, *cpus); });
}

}  // namespace kprobed::engine
