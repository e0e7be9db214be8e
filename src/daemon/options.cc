// SPDX-License-Identifier: Apache-2.0
#include "daemon/options.h"

#include <getopt.h>

#include "base/format.h"

namespace kprobed::daemon {
namespace {

constexpr option kOptions[] = {
    {"config", required_argument, nullptr, 'c'}, {"socket", required_argument, nullptr, 's'},
    {"group", required_argument, nullptr, 'g'},  {"log-level", required_argument, nullptr, 'l'},
    {"no-governor", no_argument, nullptr, 'G'},  {"hold", no_argument, nullptr, 'H'},
    {"sweep", no_argument, nullptr, 'w'},        {"help", no_argument, nullptr, 'h'},
    {"version", no_argument, nullptr, 'V'},      {nullptr, 0, nullptr, 0},
};

Error wrong(std::string message) {
  return Error(ErrorCode::usage, std::move(message)).with_hint("see kprobed --help");
}

}  // namespace

Result<Options> parse_options(const std::vector<std::string>& arguments) {
  std::vector<std::string> words{"kprobed"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const int argc = static_cast<int>(words.size());

  Options options;
  optind = 0;  // getopt_long(3): 0 makes glibc forget an earlier run
  opterr = 0;
  while (true) {
    // ':' first: a missing argument is told from an unknown option. '+': what is not an option ends
    // the options, and is refused below.
    const int found = ::getopt_long(argc, argv.data(), "+:hV", kOptions, nullptr);
    if (found == -1) break;
    switch (found) {
      case 'c':
        options.config = optarg;
        break;
      case 's':
        if (auto bad = check_socket_path(optarg)) return wrong("--socket " + *bad);
        options.socket = optarg;
        break;
      case 'g':
        options.group = optarg;
        break;
      case 'l':
        options.log_level = parse_log_level(optarg);
        if (!options.log_level) {
          return wrong(format("--log-level must be {}, not '{}'", kLogLevels, optarg));
        }
        break;
      case 'G':
        options.no_governor = true;
        break;
      case 'H':
        options.hold = true;
        break;
      case 'w':
        options.action = Options::Action::sweep;
        break;
      case 'h':
        options.action = Options::Action::help;
        return options;
      case 'V':
        options.action = Options::Action::version;
        return options;
      case ':':
        return wrong(
            format("option '{}' needs a value", argv[static_cast<std::size_t>(optind - 1)]));
      default:
        // Also a prefix that fits two options, or a value where none goes.
        return wrong(optopt != 0 && optopt < 128 && optopt != 'H' && optopt != 'w'
                         ? format("no option '-{}'", static_cast<char>(optopt))
                         : format("no option '{}'", argv[static_cast<std::size_t>(optind - 1)]));
    }
  }
  if (optind < argc) {
    return wrong(format("'{}' is no option", argv[static_cast<std::size_t>(optind)]));
  }
  return options;
}

std::string_view help_text() {
  return R"(Usage: kprobed [OPTION]...
Sets kernel probes when clients ask for them, and serves what they record as JSON
lines on a Unix socket. kprobectl(1) is the command for it.

  --config FILE      read FILE instead of /etc/kprobed/kprobed.conf
  --socket PATH      where clients connect (/run/kprobed/kprobed.sock)
  --group NAME       whose members may connect (kprobed)
  --log-level LEVEL  error, warning, info or debug
  --no-governor      never sample or silence a probe, whatever it costs
  --hold             do not set again the probes of a daemon that crashed
  --sweep            remove what a killed daemon has left in the kernel, and end
  -h, --help         this text
  -V, --version      the version

Normally systemd runs it:  systemctl start kprobed
)";
}

}  // namespace kprobed::daemon
