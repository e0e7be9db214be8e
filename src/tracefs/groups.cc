// SPDX-License-Identifier: Apache-2.0
#include "tracefs/groups.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

#include "base/file.h"
#include "base/format.h"
#include "base/text.h"

namespace kprobed::tracefs {
namespace {

constexpr std::string_view kRunPrefix = "kprobed_run_";

/// All of `text` as a decimal number.
template <typename T>
std::optional<T> decimal(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Field `number` (from 3 on, as proc_pid_stat(5) counts) of /proc/PID/stat; "" if it has none.
std::string_view stat_field(std::string_view stat, std::size_t number) {
  // "PID (COMM) STATE ...": comm is the one field that can hold blanks and parentheses, so that the
  // last ')' ends it.
  const std::size_t comm_end = stat.rfind(')');
  if (comm_end == std::string_view::npos) return {};
  const auto fields = split_words(trim(stat.substr(comm_end + 1)));
  return number - 3 < fields.size() ? fields[number - 3] : std::string_view();
}

/// A zombie whose parent does not care (a container without an init) stays for ever, and has closed
/// its descriptors. A leader that ended before its other threads is a zombie, too: it has them.
bool only_unreaped(std::string_view stat) {
  const std::string_view state = stat_field(stat, 3);
  return (state == "Z" || state == "X") && stat_field(stat, 20) == "1";
}

}  // namespace

std::string run_group(const RunOwner& owner) {
  return format("{}{}_{}", kRunPrefix, owner.pid, owner.start_time);
}

std::optional<RunOwner> parse_run_group(std::string_view group) {
  if (!group.starts_with(kRunPrefix)) return std::nullopt;
  const std::string_view numbers = group.substr(kRunPrefix.size());
  const std::size_t bar = numbers.find('_');
  if (bar == std::string_view::npos) return std::nullopt;
  const auto pid = decimal<std::int32_t>(numbers.substr(0, bar));
  const auto start_time = decimal<std::uint64_t>(numbers.substr(bar + 1));
  if (!pid || *pid <= 0 || !start_time) return std::nullopt;
  const RunOwner owner{*pid, *start_time};
  // "kprobed_run_007_1" is not a name of ours.
  if (run_group(owner) != group) return std::nullopt;
  return owner;
}

Result<RunOwner> own_identity() {
  const std::string path = "/proc/self/stat";
  KPROBED_TRY(const std::string stat, read_file(path));
  const auto start_time = parse_start_time(stat);
  if (!start_time) {
    return Error(ErrorCode::malformed, format("'{}' has no start time", path));
  }
  return RunOwner{::getpid(), *start_time};
}

bool alive(const RunOwner& owner) {
  const auto stat = read_file(format("/proc/{}/stat", owner.pid));
  if (!stat.ok()) {
    // ESRCH: it died between open and read. Anything else (hidepid, a descriptor short) says
    // nothing about the process, and what is not known to be dead is left alone.
    return stat.error().sys_errno != ENOENT && stat.error().sys_errno != ESRCH;
  }
  const auto start_time = parse_start_time(*stat);
  if (!start_time) return true;
  return *start_time == owner.start_time && !only_unreaped(*stat);
}

std::optional<std::uint64_t> parse_start_time(std::string_view stat) {
  return decimal<std::uint64_t>(stat_field(stat, 22));
}

bool in_initial_pid_namespace() {
  constexpr ino_t kInitialPidNamespace = 0xEFFFFFFC;  // PROC_PID_INIT_INO, include/linux/proc_ns.h
  struct stat ns;
  return ::stat("/proc/self/ns/pid", &ns) == 0 && ns.st_ino == kInitialPidNamespace;
}

}  // namespace kprobed::tracefs
