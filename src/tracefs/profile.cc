// SPDX-License-Identifier: Apache-2.0
#include "tracefs/profile.h"

#include <charconv>

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

}  // namespace

std::vector<ProfileRow> parse_profile(std::string_view text) {
  std::vector<ProfileRow> rows;
  for (const std::string_view line : split_lines(text)) {
    const auto words = split_words(line);
    ProfileRow row;
    if (words.size() != 3 || !parse_count(words[1], row.hits) || !parse_count(words[2], row.missed))
      continue;
    row.event = words[0];
    rows.push_back(std::move(row));
  }
  return rows;
}

Result<std::vector<ProfiledProbe>> match_profile(const std::vector<ListedProbe>& listing,
                                                 const std::vector<ProfileRow>& rows) {
  if (listing.size() != rows.size()) {
    return Error(ErrorCode::malformed, format("kprobe_events has {} probes and kprobe_profile {}",
                                              listing.size(), rows.size()));
  }
  std::vector<ProfiledProbe> probes;
  probes.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (listing[i].event != rows[i].event) {
      return Error(ErrorCode::malformed,
                   format("probe {} is '{}' in kprobe_events and '{}' in kprobe_profile", i + 1,
                          listing[i].event, rows[i].event));
    }
    probes.push_back({listing[i], rows[i].hits, rows[i].missed});
  }
  return probes;
}

Result<std::vector<ProfiledProbe>> profile(const Tracefs& tracefs) {
  constexpr int kTries = 4;
  for (int tried = 0; tried < kTries; ++tried) {
    KPROBED_TRY(const auto before, list(tracefs));
    KPROBED_TRY(const std::string text, read_file(tracefs.path("kprobe_profile")));
    KPROBED_TRY(const auto after, list(tracefs));
    // A removal and an addition in between would keep the number of rows.
    if (before != after) continue;
    auto matched = match_profile(after, parse_profile(text));
    if (matched.ok()) return matched;
  }
  return Error(ErrorCode::busy, "kprobe_events keeps changing while kprobe_profile is read");
}

}  // namespace kprobed::tracefs
