// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include <CLI/CLI.hpp>
#include <string>

#include "base/format.h"
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
  if (!given.empty()) {
    return kprobed::format("kprobectl: {}\n  hint: see kprobectl {} --help\n", error.what(),
                           given[0]->get_name());
  }
  std::string what = error.what();
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    // CLI11 misses a command before it looks at what stands in its place.
    const std::vector<std::string> words = failed->remaining();
    what = words.empty()
               ? "no command given"
               : kprobed::format("no {} '{}'", words[0].starts_with('-') ? "option" : "command",
                                 words[0]);
  }
  return kprobed::format("kprobectl: {}\n  hint: see kprobectl --help\n", what);
}

/// A standard descriptor that the caller closed would be the number of the next file that is
/// opened, and what is meant for the reader would be written to the kernel.
void open_standard_descriptors() {
  for (int fd = 0; fd >= 0 && fd <= STDERR_FILENO;) fd = ::open("/dev/null", O_RDWR);
}

}  // namespace

int main(int argc, char** argv) {
  open_standard_descriptors();
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
