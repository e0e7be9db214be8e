// SPDX-License-Identifier: Apache-2.0
//
// The command line's parts: each defines its commands, and says what to do when one was given.
#pragma once

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "kprobectl/printer.h"
#include "kprobectl/spec_input.h"

namespace kprobed::kprobectl {

struct Command {
  CLI::App* app = nullptr;
  std::function<int()> run;  ///< after parsing; returns an ExitCode
};

/// check, disasm, run, sweep: without the daemon.
void define_local_commands(CLI::App& app, std::vector<Command>& commands);
/// add, apply, remove, enable, disable, list, stream, status, ledger. `socket` is filled in by
/// parsing and must outlive the commands.
void define_daemon_commands(CLI::App& app, const std::string& socket,
                            std::vector<Command>& commands);

// ---- options that several commands have ---------------------------------------------------------

inline constexpr const char* kSpecHelp =
    "Probe, quoted: 'p|r PLACE [FETCHARG...] [if CONDITION]', or 't GROUP/EVENT [FIELD...]'.\n"
    "PLACE is SYMBOL[+offs|-offs], PATTERN*, SYMBOL%all, ADDR, or /PROGRAM:SYMBOL[+offs].\n"
    "FETCHARG is [NAME=]FETCH[:TYPE]; FETCH is a parameter's NAME[->FIELD...], $args, aN rN sN\n"
    "mADDR rv rp, %REG $argN $retval $stackN $stack $comm @ADDR @SYM[+off] or +off(FETCH);\n"
    "TYPE is u8..u64 s8..s64 x8..x64 int long char bool ptr string ustring symbol TYPE[N] ...;\n"
    "all of it: man 7 kprobed-spec";

inline void add_spec_options(CLI::App& command, SpecInput& input) {
  command.add_option("SPEC", input.arguments, kSpecHelp);
  command
      .add_option("-f,--file", input.files,
                  "Read probes from a file, one a line, # comments; - is standard input")
      ->type_name("FILE")
      ->allow_extra_args(false);
}

inline void add_resolve_option(CLI::App& command, bool& follow_drift) {
  command.add_flag(
      "--resolve", follow_drift,
      "Take the live function where the named one is known to be inlined away or renamed");
}

inline void add_oversize_option(CLI::App& command, bool& allow_oversize) {
  command.add_flag("--allow-oversize", allow_oversize,
                   "Do not mind records that may be too large where panic_on_warn is set");
}

/// A terminal gets a table, a pipe JSON.
inline const char* default_form() { return ::isatty(STDOUT_FILENO) == 1 ? "table" : "json"; }

inline void add_form_option(CLI::App& command, std::string& form, const std::string& help,
                            const std::vector<std::string>& forms) {
  form = default_form();
  command.add_option("-o,--output", form, help)->check(CLI::IsMember(forms))->type_name("FORM");
}

/// -o of run and stream.
inline void add_stream_form(CLI::App& command, std::string& form) {
  add_form_option(command, form, "Form of the lines: json, table, trace (the 2009 form)",
                  {"json", "table", "trace"});
}
inline OutputForm stream_form(const std::string& form) {
  if (form == "table") return OutputForm::table;
  return form == "trace" ? OutputForm::trace : OutputForm::json;
}

}  // namespace kprobed::kprobectl
