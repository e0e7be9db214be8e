// SPDX-License-Identifier: Apache-2.0
//
// ProbeTable and files of probes (probes.d): each file's probes are made equal to its text, and are
// told from all others by their origin, the file's path.
#include <algorithm>

#include "base/format.h"
#include "engine/probe_entry.h"
#include "probespec/parse.h"

namespace kprobed::engine {

Result<FileOutcome> ProbeTable::apply_file(const std::string& path,
                                           const std::shared_ptr<const Source>& source, bool hold) {
  // Before anything is changed: a broken file takes nothing away, and nothing of others.
  probespec::Parsed parsed = probespec::parse(source);
  if (!parsed.errors.empty()) return std::move(parsed.errors.front());
  FileOutcome outcome;
  std::set<Entry*> keep;
  std::vector<std::string> fresh;
  for (const probespec::ProbeSpec& spec : parsed.specs) {
    const std::string asked = probespec::print(spec);
    const auto same = std::ranges::find_if(probes_, [&](const auto& entry) {
      return entry->wish.origin == path && entry->wish.asked == asked &&
             !keep.contains(entry.get());
    });
    if (same == probes_.end()) {
      fresh.push_back(asked);
    } else {
      keep.insert(same->get());
      ++outcome.kept;
    }
  }
  std::vector<Entry*> gone;
  for (const auto& entry : probes_) {
    if (entry->wish.origin == path && !keep.contains(entry.get())) gone.push_back(entry.get());
  }
  outcome.removed = gone.size();
  drop(gone, format("no longer in {}", path), nullptr);
  for (const std::string& spec : fresh) {
    ProbeWish wish;
    wish.spec = wish.asked = spec;
    wish.origin = path;
    ++outcome.added;
    // One that cannot be set stays listed, with the reason, and keeps no other from being set.
    if (auto added = restore(wish, hold); !added.ok()) {
      outcome.problems.push_back(format("'{}': {}", spec, added.error().message));
    }
  }
  return outcome;
}

std::size_t ProbeTable::forget_files(const std::vector<std::string>& there) {
  std::vector<Entry*> gone;
  for (const auto& entry : probes_) {
    const std::string& origin = entry->wish.origin;
    if (!origin.starts_with('/') || std::ranges::find(there, origin) != there.end()) continue;
    gone.push_back(entry.get());
  }
  drop(gone, "its file is gone", nullptr);
  return gone.size();
}

}  // namespace kprobed::engine
