// SPDX-License-Identifier: Apache-2.0
//
// One line of ours in kprobe_events. Its perf descriptors must be closed before it is destroyed
// (EBUSY otherwise): declare it before the AttachedEvent that uses it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "tracefs/kprobe_events.h"

namespace kprobed::tracefs {

class InstalledProbe {
 public:
  /// Appends "p:GROUP/EVENT place..." (`line` is whole) and owns it from then on. A line that
  /// names another event is a mistake of ours (internal): it could never be found again.
  static Result<InstalledProbe> install(const Tracefs& tracefs, std::string_view group,
                                        std::string_view event, std::string_view line,
                                        Refusal* refusal);

  InstalledProbe(InstalledProbe&& other) noexcept;
  InstalledProbe& operator=(InstalledProbe&& other) noexcept;
  ~InstalledProbe();  ///< removes the line, patiently; what fails then is the next sweep's

  /// Removes it now (whatever lines GROUP/EVENT has, each by its full text) and says how that went:
  /// busy, or what list() and append() say. The destructor has nothing left to do after success.
  Result<void> remove(std::chrono::milliseconds patience);

  const std::string& group() const { return group_; }
  const std::string& event() const { return event_; }

  Result<std::string> format_text() const;  ///< events/GROUP/EVENT/format
  Result<std::uint32_t> id() const;         ///< events/GROUP/EVENT/id

  /// kprobe_profile's counts for this event: see profile.h, which is cheaper for many probes.
  /// not_found if the kernel lists it no more.
  struct Profile {
    std::uint64_t hits = 0, missed = 0;
  };
  Result<Profile> profile() const;

 private:
  InstalledProbe(Tracefs tracefs, std::string group, std::string event);
  Tracefs tracefs_;
  std::string group_, event_;
  bool owned_ = true;
};

}  // namespace kprobed::tracefs
