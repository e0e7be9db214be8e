// SPDX-License-Identifier: Apache-2.0
//
// `kprobectl doctor`: what of this machine stands in the way of probes, and what to do about each.
// Gathering (doctor_facts.cc) and judging are apart, so that each judgement has its row in a test.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tracefs/listing.h"
#include "wire/messages.h"

namespace kprobed::kprobectl {

/// What was seen. Texts are as the kernel gives them, "" where they could not be read.
struct DoctorFacts {
  bool root = false;
  std::string kernel_config;    ///< /boot/config-RELEASE
  std::string tracefs_root;     ///< "" if it is not mounted
  std::string tracefs_refusal;  ///< why kprobe_events may not be written; "" if it may
  std::string lockdown, paranoid, kptr_restrict, panic_on_warn;
  std::string kprobes_enabled, ftrace_enabled;
  std::uint64_t descriptors = 0;  ///< RLIMIT_NOFILE, hard
  unsigned cpus = 0;
  std::vector<tracefs::ListedProbe> lines;
  /// By pid, of those pids that stand in names of other tools' groups or events: does it live?
  std::vector<std::pair<std::int32_t, bool>> processes;
  std::optional<wire::StatusReply> daemon;  ///< nullopt: it does not answer
  std::string daemon_refusal;               ///< why
};

struct Finding {
  enum class Kind : std::uint8_t { good, note, problem } kind = Kind::good;
  std::string what;    ///< a sentence
  std::string advice;  ///< what to do; "" if nothing
  bool operator==(const Finding&) const = default;
};

std::vector<Finding> examine(const DoctorFacts& facts);

/// "ok       ...", "note     ...", "problem  ...", advice indented below.
std::string doctor_report(const std::vector<Finding>& findings);

/// The value of "CONFIG_NAME=..." in a kernel's configuration: "y", "m", "n" if it is "not set", ""
/// if nothing is said.
std::string config_value(std::string_view config, std::string_view name);

/// Who made a line, as far as names tell.
struct LineOwner {
  std::string tool;      ///< "kprobed", "kprobectl run", "libbpf", "bcc", "perf probe", ...
  std::int32_t pid = 0;  ///< that stands in the name; 0: none does
  bool operator==(const LineOwner&) const = default;
};
LineOwner owner_of(const tracefs::ListedProbe& line);

}  // namespace kprobed::kprobectl
