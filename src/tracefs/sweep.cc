// SPDX-License-Identifier: Apache-2.0
#include "tracefs/sweep.h"

#include <algorithm>
#include <map>

#include "tracefs/event_lines.h"

namespace kprobed::tracefs {

Result<SweepReport> sweep(const Tracefs& tracefs, std::chrono::milliseconds patience,
                          const Judge& judge) {
  KPROBED_TRY(const auto listing, list(tracefs));
  if (judge.initial_pid_namespace) {
    return remove_all(tracefs, orphans(listing, judge.alive), patience);
  }
  // The pids in the names are those of the initial namespace: here they are somebody else's.
  SweepReport report;
  report.not_judged = run_lines(listing);
  return report;
}

SweepReport remove_all(const Tracefs& tracefs, const std::vector<ListedProbe>& probes,
                       std::chrono::milliseconds patience) {
  using std::chrono::milliseconds;
  using std::chrono::steady_clock;
  SweepReport report;
  const auto deadline = steady_clock::now() + patience;
  for (const ListedProbe& probe : probes) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
    const auto removed = remove(tracefs, probe, std::max(left, milliseconds(0)));
    if (removed.ok()) {
      report.removed.push_back(probe);
    } else {
      report.failed.push_back({probe, describe(removed.error())});
    }
  }
  return report;
}

std::vector<ListedProbe> orphans(const std::vector<ListedProbe>& listing,
                                 const AlivePredicate& alive) {
  std::vector<ListedProbe> dead;
  std::map<std::string_view, bool> judged;
  for (const ListedProbe& probe : listing) {
    const auto owner = parse_run_group(probe.group);
    if (!owner) continue;
    auto verdict = judged.find(probe.group);
    if (verdict == judged.end()) verdict = judged.emplace(probe.group, alive(*owner)).first;
    if (!verdict->second) dead.push_back(probe);
  }
  return dead;
}

std::vector<ListedProbe> daemon_leftovers(const std::vector<ListedProbe>& listing) {
  std::vector<ListedProbe> ours;
  std::copy_if(listing.begin(), listing.end(), std::back_inserter(ours),
               [](const ListedProbe& probe) { return probe.group == kDaemonGroup; });
  return ours;
}

std::vector<ListedProbe> run_lines(const std::vector<ListedProbe>& listing) {
  std::vector<ListedProbe> lines;
  std::copy_if(listing.begin(), listing.end(), std::back_inserter(lines),
               [](const ListedProbe& probe) { return parse_run_group(probe.group).has_value(); });
  return lines;
}

}  // namespace kprobed::tracefs
