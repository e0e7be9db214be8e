// SPDX-License-Identifier: Apache-2.0
#include "engine/line_counts.h"

#include "base/format.h"
#include "tracefs/groups.h"
#include "tracefs/profile.h"

namespace kprobed::engine {

namespace {

/// Those that share an event are told apart by their places.
std::string key(std::string_view event, std::string_view place) {
  return format("{} {}", event, place);
}

}  // namespace

bool has_profile(const ArmedProbe& armed) {
  return armed.installed() && armed.installed()->file() != tracefs::EventsFile::dynamic;
}

Result<LineBook> LineBook::read(const Machine& machine) {
  KPROBED_TRY(const auto rows, tracefs::profile(machine.tracefs));
  LineBook book;
  // Known to be counted from 5.15 on, which README shows no sign of; this one is of 6.0.
  book.return_misses_ = machine.kernel->features().group_only_names;
  for (const tracefs::ProfiledProbe& row : rows) {
    if (row.probe.group != tracefs::kDaemonGroup) continue;
    for (const std::string& name :
         {key(row.probe.event, row.probe.place), key(row.probe.event, "")}) {
      LineCounts& counts = book.counts_[name];
      counts.hits += row.hits;
      if (row.missed) counts.missed = counts.missed.value_or(0) + *row.missed;
    }
  }
  return book;
}

std::optional<LineCounts> LineBook::of(const ArmedProbe& armed) const {
  if (!has_profile(armed)) return std::nullopt;
  const bool shares = armed.address() != 0;
  const auto found = counts_.find(key(armed.installed()->event(), shares ? armed.place() : ""));
  if (found == counts_.end()) return std::nullopt;
  LineCounts counts = found->second;
  if (armed.plan()->label.kind == 'r' && !return_misses_) counts.missed.reset();
  return counts;
}

}  // namespace kprobed::engine
