// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <string>

#include "kprobectl/command_line.h"
#include "kprobectl/daemon.h"
#include "kprobectl/exit_code.h"

namespace {

using namespace kprobed::kprobectl;  // NOLINT: this file is nothing but its command line

constexpr const char* kMainFooter = R"(Examples:
  sudo systemctl start kprobed
  sudo kprobectl add 'p do_sys_openat2 a1 a2:ustring'
  kprobectl stream
  sudo kprobectl run 'r do_sys_openat2 rv:s32 rp'     # without the daemon

Exit status: 0 done, 1 refused or failed, 2 wrong usage or spec, 3 no permission,
4 the daemon is not running.  kprobectl COMMAND --help tells more; the language is
in kprobed-spec(7).)";

std::string usage_error(const CLI::App* failed, const CLI::Error& error) {
  const auto given = failed->get_subcommands();
  return std::string("kprobectl: ") + error.what() + "\n  hint: see kprobectl " +
         (given.empty() ? "" : given[0]->get_name() + " ") + "--help\n";
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"kprobectl: kernel probes from one line each", "kprobectl"};
  app.footer(kMainFooter);
  app.set_version_flag("-V,--version", "kprobectl " KPROBED_VERSION, "Print the version and exit");
  app.set_help_flag("-h,--help", "Print this help and exit");
  app.require_subcommand(1);
  app.fallthrough();  // --socket behind the command, too
  app.failure_message(usage_error);

  std::string socket = kDefaultSocket;
  app.add_option("--socket", socket, std::string("The daemon's socket (") + kDefaultSocket + ")")
      ->envname("KPROBED_SOCKET")
      ->type_name("PATH");
  std::vector<Command> commands;
  define_daemon_commands(app, socket, commands);
  define_local_commands(app, commands);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11 prints help and version by "errors" of exit code 0.
    return app.exit(error) == 0 ? kDone : kUsage;
  }
  for (const Command& command : commands) {
    if (command.app->parsed()) return command.run();
  }
  return kUsage;
}
