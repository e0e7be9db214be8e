// SPDX-License-Identifier: Apache-2.0
//
// What the kernel lists, counts and complains about, with any bytes at all in its place: everybody
// with write access to tracefs can put text there.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/format.h"
#include "base/text.h"
#include "require.h"
#include "tracefs/listing.h"
#include "tracefs/profile.h"
#include "tracefs/refusal.h"

namespace kprobed::tracefs {
namespace {

using fuzz::require;

void check_listing(std::string_view text, EventsFile file) {
  const auto listing = parse_listing(text, file);
  require(listing.size() <= split_lines(text).size(), "a line is one probe at most", text);
  for (const ListedProbe& probe : listing) {
    require(
        probe.file == file && !probe.group.empty() && !probe.event.empty() && !probe.place.empty(),
        "a probe has a name and a place", text);
    require(parse_listing(probe.text, file) == std::vector{probe}, "a line stands for itself",
            text);
    const auto removals = probe.removals();
    require(!removals.empty() && removals[0] == probe.removal(), "the exact removal is first",
            text);
    const std::string mine = format("-:{}/{} ", probe.group, probe.event);
    for (const std::string& removal : removals) {
      require(removal.starts_with(mine) && removal.find('\n') == std::string::npos,
              "a removal is one line, for its own event only", text);
    }
  }
}

void check_refusal(EventsFile file, std::string_view line, std::string_view log) {
  for (const int sys_errno : {0, 2, 16, 22, 84, 9999}) {
    const Refusal refusal = explain_refusal(file, line, sys_errno, "", log);
    require(refusal.column >= -1 && refusal.column <= static_cast<std::int64_t>(line.size()),
            "the caret stands in our line", log);
    require(!refusal.meaning.empty() || refusal.kernel_text.empty(), "a refusal has words", log);
    require(explain_refusal(file, line, sys_errno, log, log).kernel_text.empty(),
            "what was there before is no answer", log);
  }
}

void check_any_text(std::string_view text) {
  for (const EventsFile file : kEventsFiles) {
    check_listing(text, file);
    const auto rows = parse_profile(text, file);
    const auto matched = match_profile(parse_listing(text, file), rows);
    require(!matched.ok() || matched->size() == rows.size(), "each row has its probe", text);
    check_refusal(file, text.substr(0, text.find('\n')), text);
  }
  const auto entries = parse_error_log(text);
  require(entries.size() <= split_lines(text).size() / 2, "an entry has two lines", text);
  for (const LoggedError& entry : entries) {
    require(entry.column >= -1, "a column is one, or none", text);
    for (const EventsFile file : kEventsFiles) check_refusal(file, entry.command, text);
  }
}

}  // namespace
}  // namespace kprobed::tracefs

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kprobed::tracefs::check_any_text({reinterpret_cast<const char*>(data), size});
  return 0;
}
