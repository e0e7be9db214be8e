// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/check_command.h"

#include <cstdio>

#include "engine/explain.h"
#include "engine/machine.h"
#include "engine/preflight.h"
#include "engine/probe_names.h"
#include "kprobectl/exit_code.h"
#include "kprobectl/report.h"

namespace kprobed::kprobectl {

int check(const CheckOptions& options) {
  auto parsed = read_specs(options.input);
  if (!parsed.ok()) return report(parsed.error());
  int status = report(parsed->errors);

  auto machine = engine::Machine::open_for_checking();
  if (!machine.ok()) return report(machine.error());
  const engine::PreflightOptions preflight{.allow_oversize = options.allow_oversize,
                                           .panic_on_warn = engine::read_panic_on_warn()};
  std::set<std::string> names;
  for (const probespec::ProbeSpec& spec : parsed->specs) {
    auto probe = resolve::resolve(spec, *machine->kernel, {.follow_drift = options.follow_drift});
    Result<void> safe;
    if (probe.ok()) {
      const std::string text = engine::explain(
          *probe, engine::unique_probe_name(engine::default_probe_name(probe->spec), names));
      std::fputs(text.c_str(), stdout);
      std::fflush(stdout);
      report_remarks(probe->remarks);
      safe = engine::preflight(*probe, machine->kernel->features(), preflight);
    } else {
      safe = std::move(probe).error();
    }
    if (!safe.ok()) {
      const int code = report(safe.error());
      if (status == kDone) status = code;
    }
  }
  // Not an error of the specs: they may well be armed elsewhere.
  if (auto possible = machine->check_arming(); !possible.ok()) {
    say("they could not be armed here and now: " + describe(possible.error()));
  }
  return status;
}

}  // namespace kprobed::kprobectl
