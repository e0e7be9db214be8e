// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "kprobectl/add_command.h"
#include "kprobectl/command_line.h"
#include "kprobectl/doctor_command.h"
#include "kprobectl/select_command.h"
#include "kprobectl/status_command.h"
#include "kprobectl/stream_command.h"
#include "kprobectl/units.h"

namespace kprobed::kprobectl {

namespace {

constexpr const char* kAddFooter =
    R"(Arms all of them or, if one is refused, none. Needs root.

Examples:
  kprobectl add 'p do_sys_openat2 a1 a2:ustring' 'r do_sys_openat2 rv:s32'
  kprobectl add --for 10m 'p vfs_unlink'
  kprobectl add --pending 'p my_driver_ioctl a2'
  kprobectl add -f my.probes)";

constexpr const char* kApplyFooter =
    R"(Prints +added, -removed and =kept. All or nothing; an empty file removes all.
Needs root.

Examples:
  kprobectl apply /etc/kprobed/my.probes
  echo 'p vfs_unlink' | kprobectl apply -)";

constexpr const char* kRemoveFooter =
    R"(Needs root.

Examples:
  kprobectl remove do_sys_openat2
  kprobectl remove 'vfs_*'
  kprobectl remove --all)";

constexpr const char* kEnableFooter =
    R"(Needs root.

Examples:
  kprobectl enable do_sys_openat2
  kprobectl enable --all)";

constexpr const char* kDisableFooter =
    R"(Their samples end at once; the probes stay in the kernel. With --all they
are taken out of it as well, which makes room for other tools, and come back
with 'kprobectl enable --all'. Needs root.

Examples:
  kprobectl disable 'vfs_*'
  kprobectl disable --all)";

constexpr const char* kListFooter =
    R"(A table on a terminal and JSON elsewhere.

Examples:
  kprobectl list
  kprobectl list -o json | jq -r '.probes[] | .name + " " + .spec')";

constexpr const char* kStreamFooter =
    R"(Lines are a table on a terminal and JSON elsewhere. What was lost (lost,
dropped, gap) and what happens to probes and clock is shown in every form.

Examples:
  kprobectl stream
  kprobectl stream -n 10 'do_sys_openat2*'
  kprobectl stream --pid 4711 -o trace
  kprobectl stream | jq -r 'select(.args.rv == -13) | .comm')";

constexpr const char* kStatusFooter =
    R"(A table on a terminal and JSON elsewhere.

Examples:
  kprobectl status
  kprobectl status -o json | jq '.probes[] | {name, rate}')";

Command define_add(CLI::App& app, const std::string& socket) {
  auto options = std::make_shared<AddOptions>();
  CLI::App* command = app.add_subcommand("add", "Give probes to the daemon");
  command->footer(kAddFooter);
  add_spec_options(*command, options->input);
  command
      ->add_option_function<std::string>(
          "--for", [options](const std::string& time) { options->keep_for = parse_duration(time); },
          "Remove them after that time: 500ms, 10s, 5m, 1h")
      ->type_name("TIME");
  add_resolve_option(*command, options->follow_drift);
  command->add_flag("--disabled", options->disabled, "Arm them silent; see enable");
  command->add_flag("--persist", options->persist, "Set them again after restarts and reboots");
  command->add_flag("--exact", options->exact,
                    "Record every hit or, where that is over the budget, none: never one in N");
  command->add_flag("--pending", options->pending, "Unknown symbols are no error, but waited for");
  add_oversize_option(*command, options->allow_oversize);
  return {command, [options, &socket] {
            options->daemon.socket = socket;
            return add(*options);
          }};
}

Command define_apply(CLI::App& app, const std::string& socket) {
  auto options = std::make_shared<ApplyOptions>();
  CLI::App* command = app.add_subcommand("apply", "Make the daemon's probes equal to a file");
  command->footer(kApplyFooter);
  command->add_option("FILE", options->file, "One probe a line, # comments; - is standard input")
      ->required();
  add_resolve_option(*command, options->follow_drift);
  add_oversize_option(*command, options->allow_oversize);
  return {command, [options, &socket] {
            options->daemon.socket = socket;
            return apply(*options);
          }};
}

Command define_select(CLI::App& app, const std::string& socket, const char* name, const char* help,
                      const char* footer, int (*act)(const SelectOptions&)) {
  auto options = std::make_shared<SelectOptions>();
  CLI::App* command = app.add_subcommand(name, help);
  command->footer(footer);
  command->add_option("NAME", options->probes, "Probe, or a quoted pattern like 'vfs_*'");
  command->add_flag("--all", options->all, "All probes");
  return {command, [options, &socket, act] {
            options->daemon.socket = socket;
            return act(*options);
          }};
}

Command define_list(CLI::App& app, const std::string& socket) {
  auto form = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("list", "Show the daemon's probes");
  command->footer(kListFooter);
  add_form_option(*command, *form, "Form: json, table, names (one a line)",
                  {"json", "table", "names"});
  return {command, [form, &socket] {
            return list({.socket = socket, .patience = {}}, *form == "table"   ? ListForm::table
                                                            : *form == "names" ? ListForm::names
                                                                               : ListForm::json);
          }};
}

Command define_stream(CLI::App& app, const std::string& socket) {
  struct Options {
    StreamOptions stream;
    std::string form;
  };
  auto options = std::make_shared<Options>();
  StreamOptions& stream_options = options->stream;
  CLI::App* command =
      app.add_subcommand("stream", "Show what the daemon's probes record, until Ctrl-C");
  command->footer(kStreamFooter);
  command->add_option("PROBE", stream_options.probes,
                      "Only these: names, or quoted patterns like 'vfs_*'");
  command->add_option("--pid", stream_options.pids, "Only this process; may be given several times")
      ->check(CLI::Range(std::uint32_t{1}, wire::kMaxPid))
      ->type_name("PID")
      ->allow_extra_args(false);
  command
      ->add_option_function<std::string>(
          "-n,--count",
          [options](const std::string& count) { options->stream.count = parse_count(count); },
          "End after N events")
      ->type_name("N");
  add_stream_form(*command, options->form);
  command->add_flag("--all", stream_options.about_stream,
                    "In JSON, also the hello line, the probes' schema and ledger lines");
  command->add_flag("--own", stream_options.own,
                    "Also what this command and those in its pipeline cause");
  command
      ->add_option("--resume", stream_options.resume,
                   "Go on after the line SEQ of the stream STREAM (see its hello line)")
      ->type_name("STREAM:SEQ");
  return {command, [options, &socket] {
            options->stream.daemon.socket = socket;
            options->stream.form = stream_form(options->form);
            return stream(options->stream, STDOUT_FILENO);
          }};
}

Command define_status(CLI::App& app, const std::string& socket) {
  auto form = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("status", "Show how daemon, probes and clients are");
  command->footer(kStatusFooter);
  add_form_option(*command, *form, "Form: json, table", {"json", "table"});
  return {command,
          [form, &socket] { return status({.socket = socket, .patience = {}}, *form == "json"); }};
}

constexpr const char* kLedgerFooter =
    R"(For each probe, where its hits have gone; every column is counted by itself, and
UNEXPLAINED is what does not add up. Exact for a probe that is disabled; ~ marks one
whose events may flow. ? is what this kernel does not tell. Probes that share an event
of the kernel's have a row for that. A table on a terminal and JSON elsewhere.

Examples:
  kprobectl ledger
  kprobectl ledger 'vfs_*'
  kprobectl ledger --clients
  kprobectl ledger -o json | jq '.probes[] | select(.unexplained != 0)')";

Command define_ledger(CLI::App& app, const std::string& socket) {
  struct Options {
    std::vector<std::string> probes;
    bool clients = false;
    std::string form;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("ledger", "Show what became of the probes' hits");
  command->footer(kLedgerFooter);
  command->add_option("NAME", options->probes, "Probe, or a quoted pattern like 'vfs_*'");
  command->add_flag("--clients", options->clients, "What became of the stream's lines, by client");
  add_form_option(*command, options->form, "Form: json, table", {"json", "table"});
  return {command, [options, &socket] {
            return ledger({.socket = socket, .patience = {}}, options->probes, options->clients,
                          options->form == "json");
          }};
}

constexpr const char* kDoctorFooter =
    R"(Looks at the kernel's configuration and switches, tracefs, limits, probes that
were left by any tool, and the daemon's probes that are silent; changes nothing.
Ends with status 1 if something stands in the way of probes.)";

Command define_doctor(CLI::App& app, const std::string& socket) {
  CLI::App* command =
      app.add_subcommand("doctor", "Say what stands in the way of probes, and what to do");
  command->footer(kDoctorFooter);
  return {command, [&socket] { return doctor({.socket = socket, .patience = {}}); }};
}

}  // namespace

void define_daemon_commands(CLI::App& app, const std::string& socket,
                            std::vector<Command>& commands) {
  commands.push_back(define_add(app, socket));
  commands.push_back(define_apply(app, socket));
  commands.push_back(
      define_select(app, socket, "remove", "Take probes out of the kernel", kRemoveFooter, remove));
  commands.push_back(
      define_select(app, socket, "enable", "Let silent probes speak again", kEnableFooter, enable));
  commands.push_back(define_select(app, socket, "disable", "Silence probes, but keep them",
                                   kDisableFooter, disable));
  commands.push_back(define_list(app, socket));
  commands.push_back(define_stream(app, socket));
  commands.push_back(define_status(app, socket));
  commands.push_back(define_ledger(app, socket));
  commands.push_back(define_doctor(app, socket));
}

}  // namespace kprobed::kprobectl
