// SPDX-License-Identifier: Apache-2.0
#include "tracefs/profile.h"

#include <cerrno>
#include <charconv>
#include <iterator>

#include "base/file.h"
#include "base/format.h"
#include "base/text.h"

namespace kprobed::tracefs {
namespace {

bool parse_count(std::string_view text, std::uint64_t& count) {
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, count);
  return parsed.ec == std::errc() && parsed.ptr == end;
}

std::string_view profile_name(EventsFile file) {
  return file == EventsFile::uprobe ? "uprobe_profile" : "kprobe_profile";
}

/// probes_profile_seq_show() in kernel/trace/trace_kprobe.c: "EVENT HITS MISSED", and in
/// trace_uprobe.c: "PATH EVENT HITS".
std::optional<ProfileRow> parse_row(std::string_view line, EventsFile file) {
  const auto words = split_words(line);
  if (words.size() != 3) return std::nullopt;
  ProfileRow row;
  if (file == EventsFile::uprobe) {
    row.path = words[0];
    row.event = words[1];
    if (!parse_count(words[2], row.hits)) return std::nullopt;
    return row;
  }
  row.event = words[0];
  if (!parse_count(words[1], row.hits) || !parse_count(words[2], row.missed.emplace()))
    return std::nullopt;
  return row;
}

/// Does the row speak of this probe? Its group it does not tell.
bool same_probe(const ListedProbe& probe, const ProfileRow& row) {
  if (probe.event != row.event) return false;
  return row.path.empty() || probe.place.starts_with(row.path + ":");
}

}  // namespace

std::vector<ProfileRow> parse_profile(std::string_view text, EventsFile file) {
  std::vector<ProfileRow> rows;
  for (const std::string_view line : split_lines(text)) {
    if (auto row = parse_row(line, file)) rows.push_back(*std::move(row));
  }
  return rows;
}

Result<std::vector<ProfiledProbe>> match_profile(const std::vector<ListedProbe>& listing,
                                                 const std::vector<ProfileRow>& rows) {
  if (listing.size() != rows.size()) {
    return Error(ErrorCode::malformed,
                 format("{} probes are listed and {} counted", listing.size(), rows.size()));
  }
  std::vector<ProfiledProbe> probes;
  probes.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!same_probe(listing[i], rows[i])) {
      return Error(ErrorCode::malformed, format("probe {} is listed as '{}' and counted as '{}'",
                                                i + 1, listing[i].event, rows[i].event));
    }
    probes.push_back({listing[i], rows[i].hits, rows[i].missed});
  }
  return probes;
}

Result<std::vector<ProfiledProbe>> profile(const Tracefs& tracefs, EventsFile file) {
  if (file == EventsFile::dynamic) {
    return Error(ErrorCode::unsupported, "the kernel counts no hits of fprobes and tracepoints");
  }
  constexpr int kTries = 4;
  for (int tried = 0; tried < kTries; ++tried) {
    KPROBED_TRY(const auto before, list(tracefs, file));
    KPROBED_TRY(const std::string text, read_file(tracefs.path(profile_name(file))));
    KPROBED_TRY(const auto after, list(tracefs, file));
    // A removal and an addition in between would keep the number of rows.
    if (before != after) continue;
    auto matched = match_profile(after, parse_profile(text, file));
    if (matched.ok()) return matched;
  }
  return Error(ErrorCode::busy, format("'{}' keeps changing while '{}' is read", file_name(file),
                                       profile_name(file)));
}

Result<std::vector<ProfiledProbe>> profile(const Tracefs& tracefs) {
  auto all = profile(tracefs, EventsFile::kprobe);
  if (!all.ok() && all.error().sys_errno != ENOENT) return all;
  auto uprobes = profile(tracefs, EventsFile::uprobe);
  if (!uprobes.ok()) return uprobes.error().sys_errno == ENOENT ? all : uprobes;
  if (!all.ok()) return uprobes;
  std::move(uprobes->begin(), uprobes->end(), std::back_inserter(*all));
  return all;
}

}  // namespace kprobed::tracefs
