// SPDX-License-Identifier: Apache-2.0
#include "tracefs/listing.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <optional>

#include "base/file.h"
#include "base/format.h"
#include "base/text.h"

namespace kprobed::tracefs {
namespace {

/// dynamic_events lists what the other two files list, too, and other events besides.
bool belongs(char kind, EventsFile file) {
  const std::string_view kinds = file == EventsFile::dynamic ? "ft" : "pr";
  return kinds.find(kind) != std::string_view::npos;
}

/// "p:GRP/EV PLACE REST"; nullopt for any other line.
std::optional<ListedProbe> parse_line(std::string_view line, EventsFile file) {
  if (line.empty() || !belongs(line[0], file)) return std::nullopt;
  ListedProbe probe;
  probe.text = line;
  probe.kind = line[0];
  probe.file = file;
  const auto words = split_words(line);
  // "r10:": the return probe's effective maxactive, which the kernel adds to the listing.
  const std::size_t colon = words[0].find(':');
  if (colon == std::string_view::npos || words.size() < 2) return std::nullopt;
  const std::string_view maxactive = words[0].substr(1, colon - 1);
  if (maxactive.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  const std::string_view name = words[0].substr(colon + 1);
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  probe.group = name.substr(0, slash);
  probe.event = name.substr(slash + 1);
  if (probe.group.empty() || probe.event.empty()) return std::nullopt;
  probe.place = words[1];
  if (words.size() > 2)
    probe.rest = line.substr(static_cast<std::size_t>(words[2].data() - line.data()));
  return probe;
}

/// What the kernel compares of a word when it looks for what to remove: it spells its own word into
/// a buffer of MAX_ARGSTR_LEN + 1 bytes (trace_kprobe_match_command_head,
/// trace_probe_match_command_args) and takes nothing longer. Seen: 5.10 and 6.12 cut both, 6.1 the
/// place but not the arguments.
constexpr std::size_t kCompared = 63;

std::string cut_words(std::string_view words) {
  std::string out;
  for (const std::string_view word : split_words(words)) {
    if (!out.empty()) out += ' ';
    out += word.substr(0, kCompared);
  }
  return out;
}

std::string removal_of(const ListedProbe& probe, std::string_view place, std::string_view rest) {
  return format("-:{}/{} {}{}{}", probe.group, probe.event, place, rest.empty() ? "" : " ", rest);
}

/// The place as the kernel compares it.
std::string_view compared_place(const ListedProbe& probe) {
  constexpr std::string_view kReturn = "%return";
  std::string_view place = probe.place;
  if (probe.file == EventsFile::dynamic && place.ends_with(kReturn))
    place.remove_suffix(kReturn.size());
  return place;
}

}  // namespace

std::string ListedProbe::removal() const { return removal_of(*this, compared_place(*this), rest); }

std::vector<std::string> ListedProbe::removals() const {
  const std::string_view place_now = compared_place(*this);
  // trace_uprobe_match_command_head() compares the path whole, and what follows it is short.
  const std::string_view place_cut =
      file == EventsFile::uprobe ? place_now : place_now.substr(0, kCompared);
  const std::string rest_cut = cut_words(rest);
  std::vector<std::string> lines;
  for (auto& line :
       {removal(), removal_of(*this, place_cut, rest), removal_of(*this, place_cut, rest_cut),
        removal_of(*this, place_now, rest_cut)}) {
    if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(line);
  }
  return lines;
}

std::string listed_place(std::string_view written) {
  const std::size_t plus = written.rfind('+');
  if (plus == std::string_view::npos) return std::string(written);
  const auto offset = parse_number(written.substr(plus + 1));
  if (!offset) return std::string(written);
  const std::string_view symbol = written.substr(0, plus);
  return *offset == 0 ? std::string(symbol) : format("{}+{}", symbol, *offset);
}

std::vector<ListedProbe> parse_listing(std::string_view text, EventsFile file) {
  std::vector<ListedProbe> probes;
  for (const std::string_view line : split_lines(text)) {
    if (auto probe = parse_line(line, file)) probes.push_back(*std::move(probe));
  }
  return probes;
}

Result<std::vector<ListedProbe>> list(const Tracefs& tracefs, EventsFile file) {
  KPROBED_TRY(const std::string text, read_file(tracefs.path(file_name(file))));
  return parse_listing(text, file);
}

Result<std::vector<ListedProbe>> list(const Tracefs& tracefs) {
  std::vector<ListedProbe> all;
  std::optional<Error> missing;
  bool any = false;
  for (const EventsFile file : kEventsFiles) {
    auto listed = list(tracefs, file);
    if (listed.ok()) {
      any = true;
      std::move(listed->begin(), listed->end(), std::back_inserter(all));
    } else if (listed.error().sys_errno != ENOENT) {
      return std::move(listed).error();
    } else if (!missing) {
      missing = std::move(listed).error();
    }
  }
  if (!any) return *std::move(missing);
  return all;
}

}  // namespace kprobed::tracefs
