// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/run_command.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/format.h"
#include "base/text.h"
#include "engine/clocks.h"
#include "engine/cpu_rings.h"
#include "engine/machine.h"
#include "engine/preflight.h"
#include "engine/probe_set.h"
#include "engine/pump.h"
#include "engine/zeroing.h"
#include "kprobectl/exit_code.h"
#include "kprobectl/line_output.h"
#include "kprobectl/report.h"
#include "kprobectl/stop_signal.h"
#include "kprobectl/sweep_command.h"
#include "resolve/resolved_probe.h"
#include "ringbuf/descriptor_limit.h"
#include "symbols/task_names.h"
#include "tracefs/groups.h"

namespace kprobed::kprobectl {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// How long the removal of a probe may wait for the kernel's own closing.
constexpr milliseconds kRemovalPatience{5000};

/// Resolves and checks all specs; every error is reported, not only the first.
Result<std::vector<resolve::ResolvedProbe>> resolve_all(const engine::Machine& machine,
                                                        const probespec::Parsed& parsed,
                                                        const RunOptions& options,
                                                        std::vector<Error>& errors) {
  const engine::PreflightOptions preflight{.allow_oversize = options.allow_oversize,
                                           .panic_on_warn = engine::read_panic_on_warn()};
  std::vector<resolve::ResolvedProbe> probes;
  for (const probespec::ProbeSpec& spec : parsed.specs) {
    auto probe = resolve::resolve(spec, *machine.kernel, {.follow_drift = options.follow_drift});
    if (!probe.ok()) {
      errors.push_back(std::move(probe).error());
      continue;
    }
    auto safe = engine::preflight(*probe, machine.kernel->features(), preflight);
    if (!safe.ok()) errors.push_back(std::move(safe).error());
    probes.push_back(std::move(probe).value());
  }
  if (!errors.empty()) return errors.front();
  return probes;
}

/// Everything a run holds while it streams.
class Run {
 public:
  Run(const RunOptions& options, const engine::Machine& machine, engine::CpuRings rings,
      std::string group, StopSignal& stop)
      : options_(options),
        machine_(machine),
        rings_(std::move(rings)),
        stop_(stop),
        names_(machine.kernel->kallsyms().text_names()),
        tasks_(symbols::read_task_name),
        set_(std::move(group), format("r{}_", ::getpid())),
        pump_(tasks_, static_cast<std::uint32_t>(::getpid())),
        output_(STDOUT_FILENO, stop),
        printer_(Printer::make(options.form, names_, clock_, output_.buffer())),
        sink_(*printer_, options.count.value_or(UINT64_MAX)) {
    clock_.set_offset(engine::wall_clock_offset_ns());
  }

  int go(const std::vector<resolve::ResolvedProbe>& probes) {
    // After the side-band rings were opened: whoever is renamed from now on is in them.
    symbols::for_each_task(
        [this](std::uint32_t tid, std::string_view comm) { tasks_.learn(tid, comm); });
    auto armed = arm(probes);
    if (!armed.ok()) {
      if (armed.error().code == ErrorCode::cancelled) return kDone;
      return report(armed.error());
    }
    printer_->header();
    if (options_.schema_lines) {
      for (const engine::ArmedProbe& probe : set_.probes()) printer_->schema(*probe.plan());
    }
    output_.flush();
    stream();
    return finish();
  }

 private:
  Result<void> arm(const std::vector<resolve::ResolvedProbe>& probes) {
    const bool show = probes.size() > 20 && !options_.quiet && ::isatty(STDERR_FILENO) == 1;
    auto armed = set_.arm(machine_, rings_, probes, [&](std::size_t done, std::size_t all) {
      if (show) std::fprintf(stderr, "\rarming %zu of %zu%s", done, all, done == all ? "\n" : "");
      return !stop_.arrived();
    });
    if (armed.ok() && !options_.quiet) {
      for (const engine::ArmedProbe& probe : set_.probes()) {
        if (const auto refused = probe.refused()) report_remarks({*refused});
      }
      say(format("{} {} armed on {} {}", probes.size(), probes.size() == 1 ? "probe" : "probes",
                 rings_.cpus(), rings_.cpus() == 1 ? "CPU" : "CPUs") +
          (options_.count || options_.time ? "" : "; Ctrl-C ends it"));
    }
    return armed;
  }

  void stream() {
    std::vector<pollfd> fds;
    for (const int fd : rings_.poll_fds())
      fds.push_back({.fd = fd, .events = POLLIN, .revents = 0});
    const auto end =
        options_.time ? steady_clock::now() + *options_.time : steady_clock::time_point::max();
    auto clock_due = steady_clock::now();
    while (!stop_.arrived() && !output_.broken() && !sink_.reached()) {
      const auto now = steady_clock::now();
      if (now >= end) break;
      if (now >= clock_due) {
        clock_.set_offset(engine::wall_clock_offset_ns());
        clock_due = now + std::chrono::seconds(1);
      }
      // One millisecond more than is left, so that the last wait does not become a busy loop.
      const auto left = std::chrono::duration_cast<milliseconds>(end - now) + milliseconds(1);
      stop_.wait(fds, std::min(engine::kDrainEvery, left));
      pump_.drain(rings_, set_.plans(), sink_);
      if (output_.buffer().empty()) {
        output_.check_reader();
      } else {
        output_.flush();
      }
    }
  }

  /// At rest: nothing new arrives, everything that did is drained, then the counters are read.
  int finish() {
    auto disabled = set_.disable();
    while (pump_.drain(rings_, set_.plans(), sink_) > 0) {
    }
    const std::vector<engine::ProbeOutcome> outcomes = set_.outcomes();
    if (!sink_.reached()) tell_last_losses();
    output_.flush_last();
    auto removed = set_.disarm(kRemovalPatience);
    int status = kDone;
    if (!disabled.ok()) status = report(disabled.error());
    if (!removed.ok()) status = report(removed.error());
    if (output_.broken() && output_.broken_errno() != EPIPE) {
      status = report(system_error(output_.broken_errno(), "write standard output"));
    }
    if (!options_.quiet) summarize(outcomes);
    return status;
  }

  /// The kernel tells of a loss in front of the next record that finds room (perf_output_begin in
  /// kernel/events/ring_buffer.c). Where none came, only its counters know.
  void tell_last_losses() {
    std::map<unsigned, std::uint64_t> lost;
    for (const engine::ArmedProbe& probe : set_.probes()) {
      const auto counts = probe.event().counts_by_cpu();
      if (!counts.ok()) continue;
      for (const ringbuf::CpuCounts& on : *counts) lost[on.cpu] += on.counts.lost;
    }
    for (const auto& [cpu, count] : lost) {
      const std::uint64_t told = sink_.lost_on(cpu);
      if (count <= told) continue;
      decode::Stamp stamp;
      stamp.time_ns = engine::monotonic_ns();
      stamp.cpu = cpu;
      sink_.lost({.stamp = stamp, .seq = pump_.take_seq(), .count = count - told});
    }
  }

  void summarize(const std::vector<engine::ProbeOutcome>& outcomes) const {
    std::uint64_t lost = 0, missed = 0;
    bool lost_known = true;
    for (const engine::ProbeOutcome& outcome : outcomes) {
      lost += outcome.lost;
      missed += outcome.missed.value_or(0);
      lost_known = lost_known && outcome.lost_known;
    }
    const engine::PumpCounts& counts = pump_.counts();
    // Without PERF_FORMAT_LOST what was lost after the last good record stays unseen.
    if (!lost_known) lost = counts.lost;
    std::string text =
        format("{} {}, {}{} lost, {} missed", with_thousands(sink_.passed()),
               sink_.passed() == 1 ? "event" : "events", lost_known ? "" : "at least ",
               with_thousands(lost), with_thousands(missed));
    if (counts.excluded != 0)
      text += format(", {} of kprobectl itself left out", with_thousands(counts.excluded));
    if (counts.malformed != 0) text += format(", {} malformed", with_thousands(counts.malformed));
    if (counts.late != 0) text += format(", {} out of order", with_thousands(counts.late));
    say(text);
    if (lost != 0) say("hint: larger rings lose less: --buffer 8M");
    for (const engine::ProbeOutcome& outcome : outcomes) {
      if (outcome.hits != 0) continue;
      say(format("{} was never hit{}", outcome.label,
                 outcome.filtered ? ", or its condition never held" : ""));
    }
  }

  const RunOptions& options_;
  const engine::Machine& machine_;
  engine::CpuRings rings_;
  StopSignal& stop_;
  engine::KernelNames names_;
  stream::WallClock clock_;
  stream::TaskTable tasks_;
  engine::ProbeSet set_;
  engine::Pump pump_;
  LineOutput output_;
  std::unique_ptr<Printer> printer_;
  LimitedSink sink_;
};

}  // namespace

int run(const RunOptions& options) {
  auto parsed = read_specs(options.input);
  if (!parsed.ok()) return report(parsed.error());
  if (!parsed->errors.empty()) return report(parsed->errors);

  StopSignal stop;
  auto machine = engine::Machine::open_for_arming();
  if (!machine.ok()) return report(machine.error());
  sweep_before_arming(*machine, options.quiet);

  std::vector<Error> errors;
  auto probes = resolve_all(*machine, *parsed, options, errors);
  if (!probes.ok()) return report(errors);
  if (!options.quiet) {
    for (const resolve::ResolvedProbe& probe : *probes) report_remarks(probe.remarks);
  }

  // Where it cannot be raised, opening says which descriptor found no place.
  (void)ringbuf::raise_descriptor_limit();
  auto owner = tracefs::own_identity();
  if (!owner.ok()) return report(owner.error());
  const std::string group = tracefs::run_group(*owner);
  engine::ZeroingTest(group).settle(*machine, *probes);
  machine->kernel->release_types();
  auto rings = engine::CpuRings::open(options.ring_bytes);
  if (!rings.ok()) return report(rings.error());
  return Run(options, *machine, std::move(rings).value(), group, stop).go(*probes);
}

}  // namespace kprobed::kprobectl
