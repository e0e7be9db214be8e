// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/doctor.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "base/format.h"
#include "base/text.h"
#include "kprobectl/daemon.h"
#include "tracefs/groups.h"

namespace kprobed::kprobectl {

namespace {

using Kind = Finding::Kind;

/// The first run of digits behind `marker`.
std::int32_t number_after(std::string_view text, std::string_view marker) {
  const std::size_t at = text.find(marker);
  if (at == text.npos) return 0;
  std::int32_t number = 0;
  std::from_chars(text.data() + at + marker.size(), text.data() + text.size(), number);
  return number;
}

void examine_kernel(const DoctorFacts& facts, std::vector<Finding>& out) {
  struct Option {
    std::string_view name, without;
    Kind kind;
  };
  constexpr Option kOptions[] = {
      {"KPROBE_EVENTS", "no kprobes can be set", Kind::problem},
      {"PERF_EVENTS", "nothing can be recorded", Kind::problem},
      {"UPROBE_EVENTS", "no probes in programs", Kind::note},
      {"KALLSYMS", "no symbol can be checked before it is armed", Kind::note},
      {"DYNAMIC_FTRACE", "every probe costs a breakpoint", Kind::note},
      {"DEBUG_INFO_BTF", "no names of parameters, no C types", Kind::note},
  };
  if (facts.kernel_config.empty()) {
    out.push_back({Kind::note, "the kernel's configuration is not in /boot", ""});
    return;
  }
  bool all = true;
  for (const Option& option : kOptions) {
    const std::string value = config_value(facts.kernel_config, option.name);
    if (value == "y") continue;
    all = false;
    out.push_back(
        {option.kind,
         format("the kernel was built without CONFIG_{}: {}", option.name, option.without),
         "it takes another kernel"});
  }
  if (all) out.push_back({Kind::good, "the kernel has all that probes need", ""});
}

void examine_access(const DoctorFacts& facts, std::vector<Finding>& out) {
  if (!facts.root) {
    out.push_back({Kind::note, "not root: much of this cannot be seen", "run it with sudo"});
  }
  if (facts.tracefs_root.empty()) {
    out.push_back(
        {Kind::problem, "tracefs is not mounted", "mount -t tracefs tracefs /sys/kernel/tracing"});
  } else if (!facts.tracefs_refusal.empty() && facts.root) {
    out.push_back({Kind::problem,
                   format("tracefs is at {}, but {}", facts.tracefs_root, facts.tracefs_refusal),
                   facts.lockdown == "confidentiality"
                       ? "the kernel is locked down (confidentiality): that is chosen at boot"
                       : "is it mounted read-only, or inside a container?"});
  } else {
    out.push_back({Kind::good, format("tracefs is at {}", facts.tracefs_root), ""});
  }
  if (facts.lockdown == "confidentiality") {
    out.push_back({Kind::problem, "the kernel is locked down: no tracing", "it is chosen at boot"});
  }
  if (facts.kprobes_enabled == "0") {
    out.push_back({Kind::problem, "kprobes are switched off for everybody",
                   "echo 1 > /sys/kernel/debug/kprobes/enabled, if nobody wants them off"});
  }
  if (facts.ftrace_enabled == "0") {
    out.push_back({Kind::problem, "ftrace is switched off: probes at function entries are silent",
                   "sysctl kernel.ftrace_enabled=1, if nobody wants it off"});
  }
  if (facts.kptr_restrict == "2") {
    out.push_back({Kind::note, "kernel.kptr_restrict is 2: addresses cannot be named",
                   "sysctl kernel.kptr_restrict=1"});
  }
  if (!facts.paranoid.empty() && facts.paranoid != "-1" && !facts.root) {
    out.push_back({Kind::note,
                   format("kernel.perf_event_paranoid is {}: only root may record", facts.paranoid),
                   ""});
  }
  if (facts.panic_on_warn == "1") {
    out.push_back({Kind::note, "kernel.panic_on_warn is 1: probes with long texts are refused",
                   "--allow-oversize sets them all the same, at a risk"});
  }
  const std::uint64_t probes = facts.cpus == 0 ? 0 : facts.descriptors / facts.cpus;
  if (facts.descriptors != 0 && probes < 1000) {
    out.push_back({Kind::note,
                   format("{} descriptors are allowed: some {} probes on {} CPUs",
                          facts.descriptors, probes, facts.cpus),
                   "raise RLIMIT_NOFILE; the unit kprobed.service has its own limit"});
  }
}

void examine_lines(const DoctorFacts& facts, std::vector<Finding>& out) {
  struct Count {
    std::size_t lines = 0, dead = 0;
  };
  std::map<std::string, Count> tools;
  for (const tracefs::ListedProbe& line : facts.lines) {
    const LineOwner owner = owner_of(line);
    Count& count = tools[owner.tool];
    ++count.lines;
    const auto process =
        std::ranges::find(facts.processes, owner.pid, &std::pair<std::int32_t, bool>::first);
    if (owner.pid != 0 && process != facts.processes.end() && !process->second) ++count.dead;
    if (owner.tool == "kprobed" && !facts.daemon) ++count.dead;
  }
  for (const auto& [tool, count] : tools) {
    if (count.dead == 0) {
      out.push_back({Kind::good, format("{} probes of {}", count.lines, shown(tool)), ""});
      continue;
    }
    const bool ours = tool == "kprobed" || tool == "kprobectl run";
    out.push_back({ours ? Kind::problem : Kind::note,
                   format("{} of {} probes of {} are left of processes that are gone", count.dead,
                          count.lines, shown(tool)),
                   tool == "kprobed"         ? "systemctl start kprobed, or kprobed --sweep"
                   : tool == "kprobectl run" ? "kprobectl sweep"
                                             : "they cost time; their tool can remove them"});
  }
}

/// Why a probe may be silent.
std::optional<Finding> silence_of(const wire::ProbeInfo& probe) {
  const std::string name = shown(probe.name);
  if (probe.state == "failed" || probe.state == "retried" || probe.state == "held") {
    return Finding{Kind::problem, format("{} is {}: {}", name, probe.state, shown(probe.reason)),
                   probe.state == "retried"
                       ? "it is tried again by itself"
                       : format("kprobectl enable {}, once that is mended", name)};
  }
  if (probe.state == "pending" || probe.state == "gone") {
    return Finding{Kind::note, format("{} is {}: {}", name, probe.state, shown(probe.reason)), ""};
  }
  if (probe.state == "disabled") {
    return Finding{Kind::note, name + " is disabled", "kprobectl enable " + name};
  }
  if (probe.missed.value_or(0) > probe.hits) {
    return Finding{Kind::note,
                   format("{} was missed {} times, more often than hit", name, *probe.missed),
                   "for returns: rMAXACTIVE in the spec"};
  }
  if (probe.hits == 0) {
    return Finding{
        Kind::note, name + " was never hit",
        probe.notes.empty()
            ? "nothing has called it since, or the compiler has inlined it: try its callers"
            : shown(probe.notes.front().message)};
  }
  if (probe.published == 0) {
    return Finding{Kind::note,
                   format("{} was hit {} times, and no event came of it", name, probe.hits),
                   "its condition matched none of them, or kprobed itself was the only caller"};
  }
  return std::nullopt;
}

void examine_daemon(const DoctorFacts& facts, std::vector<Finding>& out) {
  if (!facts.daemon) {
    out.push_back({Kind::note, "kprobed does not answer: " + facts.daemon_refusal,
                   "systemctl start kprobed; kprobectl run needs no daemon"});
    return;
  }
  out.push_back({Kind::good,
                 format("kprobed {} answers, with {} probes", shown(facts.daemon->version),
                        facts.daemon->probes.size()),
                 ""});
  for (const std::string& warning : facts.daemon->warnings) {
    out.push_back({Kind::note, "kprobed says: " + shown(warning), ""});
  }
  for (const wire::ProbeInfo& probe : facts.daemon->probes) {
    if (auto finding = silence_of(probe)) out.push_back(*std::move(finding));
  }
  if (facts.daemon->events_lost != 0) {
    out.push_back({Kind::note,
                   format("{} events found no room in a ring", facts.daemon->events_lost),
                   "a larger ring_size in kprobed.conf"});
  }
}

}  // namespace

std::string config_value(std::string_view config, std::string_view name) {
  const std::string set = format("CONFIG_{}=", name),
                    unset = format("# CONFIG_{} is not set", name);
  for (const std::string_view line : split_lines(config)) {
    if (line.starts_with(set)) return std::string(line.substr(set.size()));
    if (line == unset) return "n";
  }
  return "";
}

LineOwner owner_of(const tracefs::ListedProbe& line) {
  if (line.group == tracefs::kDaemonGroup) return {"kprobed", 0};
  if (const auto run = tracefs::parse_run_group(line.group)) return {"kprobectl run", run->pid};
  // libbpf's legacy probes: event "libbpf_PID_SYMBOL_0xOFFSET"; bcc's: "p_SYMBOL_bcc_PID".
  if (line.event.starts_with("libbpf_")) return {"libbpf", number_after(line.event, "libbpf_")};
  if (line.event.find("_bcc_") != line.event.npos) {
    return {"bcc", number_after(line.event, "_bcc_")};
  }
  if (line.group == "probe" || line.group.starts_with("probe_")) return {"perf probe", 0};
  return {format("group '{}'", line.group), 0};
}

std::vector<Finding> examine(const DoctorFacts& facts) {
  std::vector<Finding> findings;
  examine_kernel(facts, findings);
  examine_access(facts, findings);
  examine_lines(facts, findings);
  examine_daemon(facts, findings);
  return findings;
}

std::string doctor_report(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    const char* kind = finding.kind == Kind::good   ? "ok     "
                       : finding.kind == Kind::note ? "note   "
                                                    : "problem";
    text += format("{}  {}\n", kind, finding.what);
    if (!finding.advice.empty()) text += format("         {}\n", finding.advice);
  }
  return text;
}

}  // namespace kprobed::kprobectl
