// SPDX-License-Identifier: Apache-2.0
//
// What a killed `kprobectl run` leaves behind: its lines in kprobe_events, uprobe_events and
// dynamic_events. They are found by their group's name, which says whose they were; nothing else is
// ever touched.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "tracefs/groups.h"
#include "tracefs/listing.h"

namespace kprobed::tracefs {

using AlivePredicate = std::function<bool(const RunOwner&)>;

/// The lines of run groups whose owner does not live. The daemon's own group is not judged here.
/// Pure but for `alive`, which is asked once per owner.
std::vector<ListedProbe> orphans(const std::vector<ListedProbe>& listing,
                                 const AlivePredicate& alive);

/// The lines in the daemon's group: leftovers when asked at the daemon's start, by the daemon, of
/// which there is one.
std::vector<ListedProbe> daemon_leftovers(const std::vector<ListedProbe>& listing);

/// The lines of run groups, whoever owns them.
std::vector<ListedProbe> run_lines(const std::vector<ListedProbe>& listing);

struct Leftover {
  ListedProbe probe;
  std::string why;  ///< why it is still there
};

struct SweepReport {
  std::vector<ListedProbe> removed;
  std::vector<Leftover> failed;
  std::vector<ListedProbe> not_judged;  ///< run groups seen from a pid namespace of our own
};

/// Who may be judged, and how. The default is this machine's own.
struct Judge {
  bool initial_pid_namespace = in_initial_pid_namespace();
  AlivePredicate alive = kprobed::tracefs::alive;
};

/// Removes the orphans, each by its full text. `patience` is for all of them together: a killed
/// process keeps its events busy until the kernel has closed its descriptors (KERNEL-FACTS 35);
/// each gets one try at least. Errors: what list() says; a line that stays is in the report.
Result<SweepReport> sweep(const Tracefs& tracefs, std::chrono::milliseconds patience,
                          const Judge& judge = Judge());

/// The same for lines already chosen (the daemon's own).
SweepReport remove_all(const Tracefs& tracefs, const std::vector<ListedProbe>& probes,
                       std::chrono::milliseconds patience);

}  // namespace kprobed::tracefs
