// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/doctor_command.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/file.h"
#include "base/format.h"
#include "base/text.h"
#include "kprobectl/exit_code.h"
#include "tracefs/tracefs.h"

namespace kprobed::kprobectl {

namespace {

std::string read_word(const std::string& path) {
  const Result<std::string> text = read_file(path, 4096);
  return text.ok() ? std::string(trim(*text)) : std::string();
}

std::string read_config() {
  utsname names{};
  ::uname(&names);
  constexpr std::size_t kMostBytes = std::size_t{4} << 20;
  Result<std::string> text = read_file(format("/boot/config-{}", names.release), kMostBytes);
  return text.ok() ? std::move(text).value() : std::string();
}

void gather_tracefs(DoctorFacts& facts) {
  const auto tracefs = tracefs::Tracefs::find(/*may_mount=*/false);
  if (!tracefs.ok()) return;
  facts.tracefs_root = tracefs->root();
  if (const auto writable = tracefs->check_kprobes(); !writable.ok()) {
    facts.tracefs_refusal = writable.error().message;
  }
  if (auto lines = tracefs::list(*tracefs); lines.ok()) facts.lines = std::move(lines).value();
  for (const tracefs::ListedProbe& line : facts.lines) {
    const std::int32_t pid = owner_of(line).pid;
    const auto known =
        std::ranges::find(facts.processes, pid, &std::pair<std::int32_t, bool>::first);
    if (pid <= 0 || known != facts.processes.end()) continue;
    facts.processes.emplace_back(pid, ::kill(pid, 0) == 0 || errno != ESRCH);
  }
}

void gather_daemon(const DaemonOptions& options, DoctorFacts& facts) {
  auto connection = Connection::open(options.socket, options.patience);
  if (!connection.ok()) {
    facts.daemon_refusal = connection.error().message;
    return;
  }
  auto status = connection->ask_for<wire::StatusReply>(wire::StatusRequest{});
  if (status.ok()) {
    facts.daemon = std::move(status).value();
  } else {
    facts.daemon_refusal = status.error().message;
  }
}

}  // namespace

DoctorFacts gather_facts(const DaemonOptions& daemon) {
  DoctorFacts facts;
  facts.root = ::geteuid() == 0;
  facts.kernel_config = read_config();
  facts.lockdown = tracefs::parse_lockdown(read_word("/sys/kernel/security/lockdown"));
  facts.paranoid = read_word("/proc/sys/kernel/perf_event_paranoid");
  facts.kptr_restrict = read_word("/proc/sys/kernel/kptr_restrict");
  facts.panic_on_warn = read_word("/proc/sys/kernel/panic_on_warn");
  facts.ftrace_enabled = read_word("/proc/sys/kernel/ftrace_enabled");
  facts.kprobes_enabled = read_word("/sys/kernel/debug/kprobes/enabled");
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) facts.descriptors = limit.rlim_max;
  facts.cpus = static_cast<unsigned>(std::max(::sysconf(_SC_NPROCESSORS_ONLN), 0L));
  gather_tracefs(facts);
  gather_daemon(daemon, facts);
  return facts;
}

int doctor(const DaemonOptions& daemon) {
  const std::vector<Finding> findings = examine(gather_facts(daemon));
  const int printed = print_answer(doctor_report(findings));
  if (printed != kDone) return printed;
  const bool ill = std::ranges::any_of(
      findings, [](const Finding& finding) { return finding.kind == Finding::Kind::problem; });
  return ill ? kFailed : kDone;
}

}  // namespace kprobed::kprobectl
