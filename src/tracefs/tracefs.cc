// SPDX-License-Identifier: Apache-2.0
#include "tracefs/tracefs.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "base/format.h"

namespace kprobed::tracefs {
namespace {

constexpr std::string_view kHowToMount =
    "as root: mount -t tracefs tracefs /sys/kernel/tracing; a container needs the host's tracefs "
    "handed in (-v /sys/kernel/tracing:/sys/kernel/tracing)";

Result<Tracefs> mount_it() {
  const std::string point(kMountPoint);
  constexpr unsigned long kFlags = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RELATIME;
  if (::mount("tracefs", point.c_str(), "tracefs", kFlags, nullptr) == 0) return Tracefs(point);
  switch (const int err = errno; err) {
    case EBUSY:  // somebody was faster
      return Tracefs(point);
    case ENODEV:  // no such file system type
    case ENOENT:  // sysfs has no such directory: CONFIG_TRACING made it
      return Error(ErrorCode::no_tracefs, "this kernel has no tracefs")
          .with_errno(err)
          .with_hint("it was built without CONFIG_TRACING, or /sys is not mounted");
    case EPERM:
    case EACCES:
      return Error(ErrorCode::no_permission,
                   format("no tracefs is mounted, and we may not mount it on '{}'", point))
          .with_errno(err)
          .with_hint(std::string(kHowToMount));
    default:
      return Error(ErrorCode::no_tracefs, format("mount tracefs on '{}'", point))
          .with_errno(err)
          .with_hint(std::string(kHowToMount));
  }
}

/// EPERM on open: not a file mode but lockdown (security_locked_down(LOCKDOWN_TRACEFS) in
/// kernel/trace/trace.c), or a security module.
Error not_permitted(const std::string& path) {
  const auto text = read_file("/sys/kernel/security/lockdown");
  const std::string mode = text.ok() ? parse_lockdown(*text) : "";
  Error error(ErrorCode::no_permission, format("open '{}'", path));
  error.with_errno(EPERM);
  if (mode == "confidentiality") {
    error.with_hint(
        "kernel lockdown is in confidentiality mode, which forbids probes: boot with "
        "lockdown=integrity, or without Secure Boot");
  } else {
    error.with_hint(
        "kernel lockdown (see /sys/kernel/security/lockdown) or a security module forbids it");
  }
  return error;
}

Error without(EventsFile events, const std::string& file) {
  switch (events) {
    case EventsFile::kprobe:
      return Error(ErrorCode::no_kprobes,
                   "this kernel has no kprobe events: no file '" + file + "'")
          .with_hint(
              "it was built without CONFIG_KPROBE_EVENTS; uprobe_events and tracepoints, which it "
              "may have, are no substitute: they do not probe kernel functions");
    case EventsFile::uprobe:
      return Error(ErrorCode::unsupported,
                   "this kernel has no uprobe events: no file '" + file + "'")
          .with_hint("it was built without CONFIG_UPROBE_EVENTS");
    case EventsFile::dynamic:
      break;
  }
  return Error(ErrorCode::unsupported, "this kernel has no fprobe events: no file '" + file + "'")
      .with_hint("it was built without CONFIG_DYNAMIC_EVENTS; fprobes need CONFIG_FPROBE_EVENTS");
}

}  // namespace

Result<Tracefs> Tracefs::find(bool may_mount) {
  KPROBED_TRY(const std::string mounts, read_file("/proc/self/mountinfo"));
  for (const std::string& root : candidate_roots(parse_mountinfo(mounts))) {
    // Not ENOENT: below debugfs it is there only if the kernel has CONFIG_TRACING. EACCES still is
    // the place; check_kprobes() says more.
    if (::access(root.c_str(), F_OK) == 0 || errno == EACCES) return Tracefs(root);
  }
  if (may_mount && ::geteuid() == 0) return mount_it();
  return Error(ErrorCode::no_tracefs, "no tracefs is mounted").with_hint(std::string(kHowToMount));
}

Result<void> Tracefs::check(EventsFile events) const {
  const std::string file = path(file_name(events));
  // Appending, and never O_TRUNC, which would delete everybody's probes (KERNEL-FACTS trap 9).
  const auto opened = open_file(file, O_WRONLY | O_APPEND);
  if (opened.ok()) return {};
  switch (const int err = opened.error().sys_errno; err) {
    case ENOENT:
      if (!there() && errno == ENOENT) {
        return Error(ErrorCode::no_tracefs, format("'{}' is not a tracefs", root_))
            .with_hint(std::string(kHowToMount));
      }
      return without(events, file);
    case EACCES:
      return Error(ErrorCode::no_permission, format("open '{}'", file))
          .with_errno(err)
          .with_hint("probes need root");
    case EPERM:
      return not_permitted(file);
    case EROFS:
      return Error(ErrorCode::no_permission, format("open '{}'", file))
          .with_errno(err)
          .with_hint("tracefs is mounted read-only here: remount it, or use the host's");
    default:
      return opened.error();
  }
}

bool Tracefs::there() const { return ::access(path("README").c_str(), F_OK) == 0; }

Result<std::string> Tracefs::readme() const { return read_file(path("README")); }

}  // namespace kprobed::tracefs
