// SPDX-License-Identifier: Apache-2.0
//
// ProbeTable and files of probes (probes.d): each file's probes are made equal to its text, and are
// told from all others by their origin, the file's path.
#include <map>

#include "base/format.h"
#include "base/text.h"
#include "engine/file_options.h"
#include "engine/probe_entry.h"
#include "probespec/parse.h"

namespace kprobed::engine {

Result<FileOutcome> ProbeTable::apply_file(const std::string& path,
                                           const std::shared_ptr<const Source>& source, bool hold) {
  // Before anything is changed: a broken file takes nothing away, and nothing of others.
  const FileOptions options = take_options(source);
  probespec::Parsed parsed = probespec::parse(options.specs);
  if (!parsed.errors.empty()) return std::move(parsed.errors.front());
  if (parsed.specs.size() > options_.max_probes) {
    return Error(ErrorCode::too_many,
                 format("a file of {} probes; at most {} are kept",
                        with_thousands(parsed.specs.size()), with_thousands(options_.max_probes)))
        .with_hint("leave out this one and those behind it, or raise max_probes in kprobed.conf")
        .at(parsed.specs[options_.max_probes].span);
  }
  FileOutcome outcome;
  using Line = std::pair<std::string, bool>;  // the spec, and may it be pending?
  std::multimap<Line, Entry*> there;
  for (const auto& entry : probes_) {
    if (entry->wish.origin != path) continue;
    there.emplace(Line(entry->wish.asked, entry->wish.pending), entry.get());
  }
  std::vector<Line> fresh;
  for (const probespec::ProbeSpec& spec : parsed.specs) {
    Line line(probespec::print(spec), options.pending.contains(spec.span.line));
    if (const auto same = there.find(line); same != there.end()) {
      there.erase(same);
      ++outcome.kept;
    } else {
      fresh.push_back(std::move(line));
    }
  }
  std::vector<Entry*> gone;
  for (const auto& one : there) gone.push_back(one.second);
  outcome.removed = gone.size();
  drop(gone, format("no longer in {}", path), nullptr);
  for (const auto& [spec, pending] : fresh) {
    ProbeWish wish;
    wish.pending = pending;
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
