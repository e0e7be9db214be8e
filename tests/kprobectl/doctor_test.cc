// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/doctor.h"

#include <gmock/gmock.h>

#include <functional>

namespace kprobed::kprobectl {
namespace {

using Kind = Finding::Kind;

constexpr std::string_view kConfig =
    "CONFIG_KPROBE_EVENTS=y\nCONFIG_PERF_EVENTS=y\nCONFIG_UPROBE_EVENTS=y\nCONFIG_KALLSYMS=y\n"
    "CONFIG_DYNAMIC_FTRACE=y\nCONFIG_DEBUG_INFO_BTF=y\n";

/// A machine that has everything, with a daemon that has one probe.
DoctorFacts healthy() {
  DoctorFacts facts;
  facts.root = true;
  facts.kernel_config = kConfig;
  facts.tracefs_root = "/sys/kernel/tracing";
  facts.lockdown = "none";
  facts.paranoid = "3";
  facts.kptr_restrict = facts.panic_on_warn = "0";
  facts.kprobes_enabled = facts.ftrace_enabled = "1";
  facts.descriptors = 1'048'576;
  facts.cpus = 2;
  facts.daemon.emplace();
  facts.daemon->version = "0.1.0";
  wire::ProbeInfo probe;
  probe.name = "opens";
  probe.state = "armed";
  probe.hits = probe.published = 7;
  facts.daemon->probes.push_back(probe);
  facts.lines = tracefs::parse_listing("p:kprobed/d1 do_sys_openat2\n");
  return facts;
}

TEST(Doctor, NothingIsWrongWithAHealthyMachine) {
  for (const Finding& finding : examine(healthy()))
    EXPECT_EQ(finding.kind, Kind::good) << finding.what;
}

TEST(Doctor, SaysWhatIsWrongAndWhatToDo) {
  struct Row {
    std::function<void(DoctorFacts&)> change;
    Kind kind;
    const char* what;
    const char* advice;
  };
  const auto probe = [](auto change) {
    return [change](DoctorFacts& f) { change(f.daemon->probes[0]); };
  };
  const Row rows[] = {
      {[](auto& f) { f.kernel_config = "# CONFIG_KPROBE_EVENTS is not set\n"; }, Kind::problem,
       "without CONFIG_KPROBE_EVENTS: no kprobes can be set", "another kernel"},
      {[](auto& f) { f.kernel_config = ""; }, Kind::note, "configuration is not in /boot", ""},
      {[](auto& f) { f.tracefs_root = ""; }, Kind::problem, "tracefs is not mounted", "mount -t"},
      {[](auto& f) { f.tracefs_refusal = "may not be written"; }, Kind::problem,
       "tracefs is at /sys/kernel/tracing, but may not be written", "read-only"},
      {[](auto& f) { f.lockdown = "confidentiality"; }, Kind::problem, "locked down", "boot"},
      {[](auto& f) { f.kprobes_enabled = "0"; }, Kind::problem, "switched off for everybody",
       "kprobes/enabled"},
      {[](auto& f) { f.ftrace_enabled = "0"; }, Kind::problem, "ftrace is switched off",
       "sysctl kernel.ftrace_enabled=1"},
      {[](auto& f) { f.kptr_restrict = "2"; }, Kind::note, "kptr_restrict is 2", "sysctl"},
      {[](auto& f) { f.panic_on_warn = "1"; }, Kind::note, "panic_on_warn", "--allow-oversize"},
      {[](auto& f) { f.root = false; }, Kind::note, "paranoid is 3: only root may record", ""},
      {[](auto& f) { f.descriptors = 1024; }, Kind::note, "some 512 probes on 2 CPUs", "NOFILE"},
      {[](auto& f) { f.daemon.reset(); }, Kind::note, "kprobed does not answer", "systemctl start"},
      {[](auto& f) { f.daemon.reset(); }, Kind::problem,
       "1 of 1 probes of kprobed are left of processes that are gone", "kprobed --sweep"},
      {[](auto& f) { f.daemon->events_lost = 3; }, Kind::note, "3 events found no room",
       "ring_size"},
      {[](auto& f) { f.daemon->warnings = {"w\x1b"}; }, Kind::note, "kprobed says: w\\x1b", ""},
      {probe([](auto& p) { p.state = "failed", p.reason = "why"; }), Kind::problem,
       "opens is failed: why", "kprobectl enable opens"},
      {probe([](auto& p) { p.state = "retried", p.reason = "why"; }), Kind::problem,
       "opens is retried: why", "by itself"},
      {probe([](auto& p) { p.state = "gone", p.reason = "why"; }), Kind::note, "opens is gone: why",
       ""},
      {probe([](auto& p) { p.state = "disabled"; }), Kind::note, "opens is disabled", "enable"},
      {probe([](auto& p) { p.hits = 0; }), Kind::note, "opens was never hit", "inlined"},
      {probe([](auto& p) { p.missed = 8; }), Kind::note, "missed 8 times", "rMAXACTIVE"},
      {probe([](auto& p) { p.published = 0; }), Kind::note, "no event came of it", "condition"},
  };
  for (const Row& row : rows) {
    DoctorFacts facts = healthy();
    row.change(facts);
    bool found = false;
    for (const Finding& finding : examine(facts)) {
      found |= finding.kind == row.kind && finding.what.find(row.what) != std::string::npos &&
               finding.advice.find(row.advice) != std::string::npos;
    }
    EXPECT_TRUE(found) << row.what << "\n" << doctor_report(examine(facts));
  }
}

TEST(Doctor, WhoseLinesTheyAre) {
  struct Row {
    const char* line;
    LineOwner owner;
  };
  const Row rows[] = {
      {"p:kprobed/d1 vfs_read", {"kprobed", 0}},
      {"p:kprobed_run_77_5/r77_1 vfs_read", {"kprobectl run", 77}},
      {"p:kprobes/libbpf_123_vfs_read_0x0_1 vfs_read", {"libbpf", 123}},
      {"p:kprobes/p_vfs_read_bcc_99 vfs_read", {"bcc", 99}},
      {"p:probe/vfs_read vfs_read", {"perf probe", 0}},
      {"p:mine/x vfs_read", {"group 'mine'", 0}},
  };
  for (const Row& row : rows) {
    const auto lines = tracefs::parse_listing(row.line);
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_EQ(owner_of(lines[0]), row.owner) << row.line;
  }
  DoctorFacts facts = healthy();
  facts.lines = tracefs::parse_listing(
      "p:kprobes/libbpf_123_vfs_read_0x0_1 vfs_read\np:kprobes/libbpf_4_vfs_read_0x0_1 vfs_read\n");
  facts.processes = {{123, false}, {4, true}};
  EXPECT_THAT(doctor_report(examine(facts)),
              testing::HasSubstr("1 of 2 probes of libbpf are left of processes that are gone"));
}

}  // namespace
}  // namespace kprobed::kprobectl
