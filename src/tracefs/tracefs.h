// SPDX-License-Identifier: Apache-2.0
//
// Where tracefs is, and its files that belong to no probe. All paths hang off one root, so that
// tests can hand in a directory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tracefs/events_file.h"

namespace kprobed::tracefs {

/// Where tracefs itself gets mounted (kernel: Documentation/trace/ftrace.rst).
inline constexpr std::string_view kMountPoint = "/sys/kernel/tracing";

class Tracefs {
 public:
  /// `root` is taken as it is.
  explicit Tracefs(std::string root) : root_(std::move(root)) {}

  /// Looks for a mounted tracefs (candidate_roots over /proc/self/mountinfo); mounts it on
  /// kMountPoint if there is none, `may_mount` is set and we are root. Errors: no_tracefs,
  /// no_permission; each says what to do.
  static Result<Tracefs> find(bool may_mount);

  const std::string& root() const { return root_; }
  std::string path(std::string_view file) const { return root_ + "/" + std::string(file); }

  /// no_kprobes if the kernel has no kprobe_events file, unsupported if it has none of the others,
  /// no_permission if we may not write it (lockdown included: EPERM on open). That dynamic_events
  /// is there does not say that the kernel has fprobes: see README.
  Result<void> check(EventsFile file) const;
  Result<void> check_kprobes() const { return check(EventsFile::kprobe); }

  /// Is it still mounted here?
  bool there() const;

  /// The text of README; features are parsed from it (resolve::parse_readme).
  Result<std::string> readme() const;

 private:
  std::string root_;
};

/// One line of /proc/self/mountinfo (proc_pid_mountinfo(5)).
struct Mount {
  std::string root;   ///< what part of the file system is mounted: "/" for all of it
  std::string point;  ///< octal escapes (blank is "\040") undone
  std::string type;   ///< "tracefs"
  bool operator==(const Mount&) const = default;
};
/// Lines that are none are left out.
std::vector<Mount> parse_mountinfo(std::string_view text);

/// The directories where tracefs can be had, best first: kMountPoint, any other tracefs mounted as
/// a whole, "tracing" in a debugfs (the kernel mounts it there on first use). A mount hidden by a
/// later one on the same point does not count.
std::vector<std::string> candidate_roots(const std::vector<Mount>& mounts);

/// "confidentiality" of "none integrity [confidentiality]", the text of
/// /sys/kernel/security/lockdown; "" if no word is in brackets.
std::string parse_lockdown(std::string_view text);

}  // namespace kprobed::tracefs
