// SPDX-License-Identifier: Apache-2.0
#include "tracefs/installed_probe.h"

#include <algorithm>
#include <utility>

#include "base/file.h"
#include "base/format.h"
#include "base/text.h"
#include "tracefs/profile.h"

namespace kprobed::tracefs {
namespace {

/// For destructors: long enough for descriptors that were closed just now.
constexpr std::chrono::milliseconds kDestructorPatience(2000);

bool has_event(const std::vector<ListedProbe>& listing, std::string_view group,
               std::string_view event) {
  return std::any_of(listing.begin(), listing.end(), [&](const ListedProbe& probe) {
    return probe.group == group && probe.event == event;
  });
}

}  // namespace

Result<InstalledProbe> InstalledProbe::install(const Tracefs& tracefs, EventsFile file,
                                               std::string_view group, std::string_view event,
                                               std::string_view line, Refusal* refusal) {
  if (refusal != nullptr) *refusal = Refusal();
  InstalledProbe probe(tracefs, file, std::string(group), std::string(event));
  KPROBED_TRY_VOID(probe.check_line(line));
  if (file != EventsFile::kprobe) {
    KPROBED_TRY(const auto listing, list(tracefs, file));
    if (has_event(listing, group, event)) {
      return Error(ErrorCode::name_used,
                   format("'{}' has an event '{}/{}' already", file_name(file), group, event))
          .with_hint("another tool made it, or a process that was killed left it: kprobectl sweep");
    }
  }
  KPROBED_TRY_VOID(append(tracefs, file, line, refusal));
  probe.owned_ = true;
  return probe;
}

InstalledProbe::InstalledProbe(Tracefs tracefs, EventsFile file, std::string group,
                               std::string event)
    : tracefs_(std::move(tracefs)),
      file_(file),
      group_(std::move(group)),
      event_(std::move(event)) {}

InstalledProbe::InstalledProbe(InstalledProbe&& other) noexcept
    : tracefs_(std::move(other.tracefs_)),
      file_(other.file_),
      group_(std::move(other.group_)),
      event_(std::move(other.event_)),
      owned_(std::exchange(other.owned_, false)) {}

InstalledProbe& InstalledProbe::operator=(InstalledProbe&& other) noexcept {
  // What we owned goes with `taken`, at once and not when `other` ends.
  InstalledProbe taken(std::move(other));
  std::swap(tracefs_, taken.tracefs_);
  std::swap(file_, taken.file_);
  std::swap(group_, taken.group_);
  std::swap(event_, taken.event_);
  std::swap(owned_, taken.owned_);
  return *this;
}

InstalledProbe::~InstalledProbe() {
  const auto removed = remove(kDestructorPatience);
  // Nobody to tell; a line that stays is found by its group's name.
  static_cast<void>(removed);
}

Result<void> InstalledProbe::check_line(std::string_view line) const {
  const auto parsed = parse_listing(line, file_);
  if (parsed.size() == 1 && parsed[0].group == group_ && parsed[0].event == event_) return {};
  return Error(ErrorCode::internal, format("'{}' is no line of '{}' for '{}/{}'", line,
                                           file_name(file_), group_, event_));
}

Result<void> InstalledProbe::add_line(std::string_view line, Refusal* refusal) {
  if (refusal != nullptr) *refusal = Refusal();
  if (file_ != EventsFile::kprobe) {
    return Error(ErrorCode::internal,
                 format("a second line for '{}/{}', which is no kprobe event", group_, event_));
  }
  KPROBED_TRY_VOID(check_line(line));
  return append(tracefs_, file_, line, refusal);
}

Result<void> InstalledProbe::remove_line(std::string_view line,
                                         std::chrono::milliseconds patience) {
  KPROBED_TRY_VOID(check_line(line));
  ListedProbe known = parse_listing(line, file_).front();
  const std::string place = known.place = listed_place(known.place);
  // The listing of a thousand takes as long as the kernel's wait for RCU: only where it is spelled
  // otherwise.
  if (file_ == EventsFile::kprobe) {
    KPROBED_TRY(const bool gone, remove_as_spelled(tracefs_, known, patience));
    if (gone) return {};
  }
  KPROBED_TRY(const auto listing, list(tracefs_, file_));
  const auto ours = std::ranges::find_if(listing, [&](const ListedProbe& probe) {
    return probe.group == group_ && probe.event == event_ && probe.place == place;
  });
  if (ours == listing.end()) return {};  // another tool has been there before us
  return tracefs::remove(tracefs_, *ours, patience);
}

Result<void> InstalledProbe::remove(std::chrono::milliseconds patience) {
  if (!owned_) return {};
  // A foreign reset may have been there before us.
  KPROBED_TRY(const auto listing, list(tracefs_, file_));
  if (has_event(listing, group_, event_)) {
    KPROBED_TRY_VOID(remove_event(tracefs_, file_, group_, event_, patience));
  }
  owned_ = false;
  return {};
}

Result<std::string> InstalledProbe::format_text() const {
  return read_file(tracefs_.path(format("events/{}/{}/format", group_, event_)));
}

Result<std::uint32_t> InstalledProbe::id() const {
  const std::string path = tracefs_.path(format("events/{}/{}/id", group_, event_));
  KPROBED_TRY(const std::string text, read_file(path));
  const auto id = parse_number(trim(text));
  // Event ids are 16 bits wide (TRACE_EVENT_TYPE_MAX, kernel/trace/trace_output.c); 0 is none.
  if (!id || *id == 0 || *id > 0xffff) {
    return Error(ErrorCode::malformed, format("'{}' holds no event id: '{}'", path, trim(text)));
  }
  return static_cast<std::uint32_t>(*id);
}

Result<InstalledProbe::Profile> InstalledProbe::profile() const {
  KPROBED_TRY(const auto probes, tracefs::profile(tracefs_, file_));
  Profile sum;
  bool found = false;
  for (const ProfiledProbe& row : probes) {
    if (row.probe.group != group_ || row.probe.event != event_) continue;
    found = true;
    sum.hits += row.hits;
    if (row.missed) sum.missed = sum.missed.value_or(0) + *row.missed;
  }
  if (!found) {
    return Error(ErrorCode::not_found, format("the kernel has no probe '{}/{}'", group_, event_));
  }
  return sum;
}

}  // namespace kprobed::tracefs
