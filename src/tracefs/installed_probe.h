// SPDX-License-Identifier: Apache-2.0
//
// One event of ours in tracefs, with one line or, of kprobes, several. Its perf descriptors must be
// closed before it is destroyed (EBUSY otherwise): declare it before the AttachedEvent that uses
// it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "tracefs/event_lines.h"

namespace kprobed::tracefs {

class InstalledProbe {
 public:
  /// Appends "p:GROUP/EVENT place..." (`line` is whole) to `file` and owns the event from then on.
  /// A line that names another event, or is none for that file, is a mistake of ours (internal): it
  /// could never be found again. name_used if the event has a line already and is not a kprobe: a
  /// uprobe event that is open must never get a second one (KERNEL-FACTS 24).
  static Result<InstalledProbe> install(const Tracefs& tracefs, EventsFile file,
                                        std::string_view group, std::string_view event,
                                        std::string_view line, Refusal* refusal);

  InstalledProbe(InstalledProbe&& other) noexcept;
  InstalledProbe& operator=(InstalledProbe&& other) noexcept;
  ~InstalledProbe();  ///< removes all lines, patiently; what fails then is the next sweep's

  /// Appends one more kprobe to the event, which may be open: it is armed at once. `line` has the
  /// same GROUP/EVENT, kind, argument names and types. After an error the lines before it stay.
  /// `internal` for anything but kprobes.
  Result<void> add_line(std::string_view line, Refusal* refusal);

  /// Removes one of its lines, as it was added, while others stay; the event may be open, except of
  /// uprobes (KERNEL-FACTS 24). Errors as tracefs::remove().
  Result<void> remove_line(std::string_view line, std::chrono::milliseconds patience);

  /// Removes the event now, whatever lines it has, in one write, and says how that went: busy, or
  /// what list() and remove_event() say. The destructor has nothing left to do after success.
  Result<void> remove(std::chrono::milliseconds patience);

  /// tracefs is mounted elsewhere now: it is the same one, so the event is there.
  void moved_to(const Tracefs& tracefs) { tracefs_ = tracefs; }

  EventsFile file() const { return file_; }
  const std::string& group() const { return group_; }
  const std::string& event() const { return event_; }

  Result<std::string> format_text() const;  ///< events/GROUP/EVENT/format
  Result<std::uint32_t> id() const;         ///< events/GROUP/EVENT/id

  /// The counts of kprobe_profile or uprobe_profile, summed over the event's lines: see profile.h,
  /// which is cheaper for many probes. not_found if the kernel lists it no more, unsupported for
  /// fprobes and tracepoint probes, of which the kernel keeps no counts.
  struct Profile {
    std::uint64_t hits = 0;
    std::optional<std::uint64_t> missed;  ///< none: uprobes, which the kernel does not count
  };
  Result<Profile> profile() const;

 private:
  InstalledProbe(Tracefs tracefs, EventsFile file, std::string group, std::string event);
  Result<void> check_line(std::string_view line) const;

  Tracefs tracefs_;
  EventsFile file_;
  std::string group_, event_;
  bool owned_ = false;
};

}  // namespace kprobed::tracefs
