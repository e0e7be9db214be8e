// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "kprobectl/check_command.h"
#include "kprobectl/command_line.h"
#include "kprobectl/disasm_command.h"
#include "kprobectl/run_command.h"
#include "kprobectl/sweep_command.h"
#include "kprobectl/units.h"

namespace kprobed::kprobectl {

namespace {

constexpr const char* kRunFooter =
    R"(Lines are a table on a terminal and JSON elsewhere. Notes and the closing
summary go to standard error. Needs root, but no daemon.

Examples:
  kprobectl run 'p do_sys_openat2 a1 a2:ustring'
  kprobectl run -n 10 'r vfs_read rv:s64 rp' | jq .args.rv
  kprobectl run -o trace 'p do_sys_openat2 a1 a2' 'r do_sys_openat2 rv rp'
  kprobectl run --for 30s -f my.probes > events.jsonl)";

constexpr const char* kCheckFooter =
    R"(Shows what each word means here, the probe point's symbol and address, and the
exact line the kernel would get. Touches nothing, unless it is to --measure; as root
it can tell more.

Examples:
  kprobectl check 'p do_sys_open a1 a2'
  kprobectl check --resolve 'p do_sys_open a1 a2'
  kprobectl check 'p tcp_v4_*' 'p vfs_read $args if count > 4096'
  kprobectl check --measure 'p vfs_read a1 a2'
  kprobectl check -o json -f my.probes | jq .errors)";

constexpr const char* kDisasmFooter =
    R"(Each instruction's distance from the symbol is what stands behind it in a spec:
'p vfs_read+0x1c %ax'. Reads the running kernel's own code (/proc/kcore), so it
needs root.

Examples:
  kprobectl disasm vfs_read
  kprobectl disasm ext4:ext4_file_open)";

/// -o text|json.
void add_report_form(CLI::App& command, bool& json) {
  command
      .add_option_function<std::string>(
          "-o,--output", [&json](const std::string& form) { json = form == "json"; },
          "Form: text (the default), json")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("FORM");
}

Command define_run(CLI::App& app) {
  struct Options {
    RunOptions run;
    std::string form;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("run", "Arm probes and stream their events until Ctrl-C");
  command->footer(kRunFooter);
  add_spec_options(*command, options->run.input);
  add_stream_form(*command, options->form);
  command
      ->add_option_function<std::string>(
          "-n,--count",
          [options](const std::string& count) { options->run.count = parse_count(count); },
          "End after N events")
      ->type_name("N");
  command
      ->add_option_function<std::string>(
          "--for", [options](const std::string& time) { options->run.time = parse_duration(time); },
          "End after that time: 500ms, 10s, 5m, 1h")
      ->type_name("TIME");
  command
      ->add_option_function<std::string>(
          "--buffer",
          [options](const std::string& size) { options->run.ring_bytes = parse_ring_size(size); },
          "Ring per CPU, a power of two: 64K to 64M (2M, less on small machines)")
      ->type_name("SIZE");
  add_resolve_option(*command, options->run.follow_drift);
  add_oversize_option(*command, options->run.allow_oversize);
  command->add_flag("--all", options->run.schema_lines, "In JSON, also the probes' schema lines");
  command->add_flag("-q,--quiet", options->run.quiet, "No notes, no summary");
  return {command, [options] {
            options->run.form = stream_form(options->form);
            return run(options->run);
          }};
}

Command define_check(CLI::App& app) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* command =
      app.add_subcommand("check", "Explain what probes would do here, without arming them");
  command->footer(kCheckFooter);
  add_spec_options(*command, options->input);
  add_resolve_option(*command, options->follow_drift);
  add_oversize_option(*command, options->allow_oversize);
  command->add_flag("--measure", options->measure,
                    "Count each one's hits for 250 ms, recording none, and say what it would cost");
  add_report_form(*command, options->json);
  return {command, [options] { return check(*options); }};
}

Command define_disasm(CLI::App& app) {
  auto options = std::make_shared<DisasmOptions>();
  CLI::App* command =
      app.add_subcommand("disasm", "Show where in a kernel function a probe can be set");
  command->footer(kDisasmFooter);
  command->add_option("SYMBOL", options->place, "Function of the kernel: [MODULE:]SYMBOL")
      ->required();
  add_report_form(*command, options->json);
  return {command, [options] { return disasm(*options); }};
}

}  // namespace

void define_local_commands(CLI::App& app, std::vector<Command>& commands) {
  commands.push_back(define_check(app));
  commands.push_back(define_disasm(app));
  commands.push_back(define_run(app));
  commands.push_back(
      {app.add_subcommand(
           "sweep", "Remove what a killed kprobectl run left in the kernel, and nothing else"),
       sweep});
}

}  // namespace kprobed::kprobectl
