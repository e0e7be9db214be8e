// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "base/format.h"
#include "daemon/daemon.h"
#include "daemon/exit_code.h"
#include "daemon/journal.h"
#include "daemon/options.h"
#include "daemon/sweep.h"

namespace {

using kprobed::daemon::Options;

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

int run(const Options& options) {
  using namespace kprobed::daemon;
  switch (options.action) {
    case Options::Action::help:
      print(help_text());
      return kDone;
    case Options::Action::version:
      print("kprobed " KPROBED_VERSION "\n");
      return kDone;
    case Options::Action::sweep:
      journal::open(options.log_level.value_or(LogLevel::info));
      return sweep_after_daemon();
    case Options::Action::serve:
      break;
  }
  return serve(options);
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = kprobed::daemon::parse_options({argv + 1, argv + argc});
  if (!options.ok()) {
    const std::string text =
        "kprobed: " + kprobed::daemon::journal::one_line(options.error()) + "\n";
    std::fwrite(text.data(), 1, text.size(), stderr);
    return kprobed::daemon::exit_code_of(options.error());
  }
  return run(*options);
}
