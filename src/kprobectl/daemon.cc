// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/daemon.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "kprobectl/exit_code.h"
#include "kprobectl/report.h"
#include "stream/terminal_text.h"

namespace kprobed::kprobectl {

std::optional<Connection> connect(const DaemonOptions& daemon, int& status) {
  auto connection = Connection::open(daemon.socket, daemon.patience);
  if (connection.ok()) return std::move(connection).value();
  report(connection.error());
  status = exit_code_of_connect(connection.error());
  return std::nullopt;
}

int print_answer(const std::string& text) {
  std::signal(SIGPIPE, SIG_IGN);  // `kprobectl list | head -1` is no failure
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t wrote = ::write(STDOUT_FILENO, text.data() + done, text.size() - done);
    if (wrote >= 0) {
      done += static_cast<std::size_t>(wrote);
    } else if (errno == EPIPE) {
      break;
    } else if (errno != EINTR) {
      return report(system_error(errno, "write standard output"));
    }
  }
  return kDone;
}

std::string shown(std::string_view text) {
  std::string out;
  stream::append_for_terminal(text, false, out);
  return out;
}

}  // namespace kprobed::kprobectl
