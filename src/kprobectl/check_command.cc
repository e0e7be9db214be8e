// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/check_command.h"

#include <cstdio>

#include "engine/explain.h"
#include "engine/machine.h"
#include "engine/preflight.h"
#include "engine/price.h"
#include "engine/probe_names.h"
#include "kprobectl/check_report.h"
#include "kprobectl/exit_code.h"
#include "kprobectl/measure.h"
#include "kprobectl/report.h"
#include "kprobectl/text_output.h"
#include "wire/codec.h"

namespace kprobed::kprobectl {

namespace {

/// Where findings go: to people as they come, or into one JSON object.
class Findings {
 public:
  explicit Findings(bool json) : json_(json) {}

  void probe(const resolve::ResolvedProbe& probe, const std::string& name) {
    if (json_) {
      report_.probes.push_back(checked_probe(probe, name));
      return;
    }
    write_out(engine::explain(probe, name));
    report_remarks(probe.remarks);
  }

  /// Of the probe that was shown last.
  void measured(const Measured& measured) {
    if (!json_) return write_out("  measured: " + describe(measured) + "\n");
    wire::CheckedProbe& probe = report_.probes.back();
    probe.hits_per_second = measured.hits_per_second;
    probe.cpu_share = measured.cpu_share;
    probe.line_bytes_per_second = measured.line_bytes_per_second;
  }

  void error(const Error& error) {
    if (json_) report_.errors.push_back(wire::to_wire(error));
    const int code = json_ ? exit_code_of(error) : report(error);
    if (status_ == kDone) status_ = code;
  }

  void not_here(const Error& why) {
    // Not an error of the specs: they may well be armed elsewhere.
    if (json_) {
      report_.not_here = describe(why);
    } else {
      say("these probes could not be armed here and now: " + describe(why));
    }
  }

  int finish() {
    if (json_) write_out(wire::encode_report(report_));
    const int written = end_output();
    return status_ == kDone ? written : status_;
  }

 private:
  bool json_;
  wire::CheckReport report_;
  int status_ = kDone;
};

}  // namespace

int check(const CheckOptions& options) {
  Findings findings(options.json);
  const auto fail = [&](const Error& error) {
    findings.error(error);
    return findings.finish();
  };
  auto parsed = read_specs(options.input);
  if (!parsed.ok()) return fail(parsed.error());
  for (const Error& error : parsed->errors) findings.error(error);

  auto machine =
      options.measure ? engine::Machine::open_for_arming() : engine::Machine::open_for_checking();
  if (!machine.ok()) return fail(machine.error());
  const engine::Prices prices =
      options.measure ? engine::measure_prices(*machine) : engine::Prices();
  const engine::PreflightOptions preflight{.allow_oversize = options.allow_oversize,
                                           .panic_on_warn = engine::read_panic_on_warn()};
  std::set<std::string> names;
  std::optional<Error> not_here;
  for (const probespec::ProbeSpec& spec : parsed->specs) {
    auto probe = resolve::resolve(spec, *machine->kernel, {.follow_drift = options.follow_drift});
    if (!probe.ok()) {
      findings.error(probe.error());
      continue;
    }
    findings.probe(*probe,
                   engine::unique_probe_name(engine::default_probe_name(probe->spec), names));
    auto safe = engine::preflight(*probe, machine->kernel->features(), preflight);
    if (!safe.ok()) findings.error(safe.error());
    auto possible = machine->check_arming(probe->source);
    if (possible.ok() && safe.ok() && options.measure) {
      auto measured = measure(*machine, *probe, prices);
      measured.ok() ? findings.measured(*measured) : findings.error(measured.error());
    }
    if (!possible.ok() && !not_here) not_here = std::move(possible).error();
  }
  if (not_here) findings.not_here(*not_here);
  return findings.finish();
}

}  // namespace kprobed::kprobectl
