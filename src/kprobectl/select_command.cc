// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/select_command.h"

#include "base/format.h"
#include "kprobectl/exit_code.h"
#include "kprobectl/progress_line.h"
#include "kprobectl/report.h"

namespace kprobed::kprobectl {

namespace {

/// `Request` is wire's; `done` is what the probes are afterwards; `hint` is said after it was done
/// to all.
template <typename Request>
int ask_about(const SelectOptions& options, std::string_view done, std::string_view hint = "") {
  if (options.all != options.probes.empty()) {
    return report(Error(ErrorCode::usage, options.all ? "both names and --all" : "no probe named")
                      .with_hint("name probes, or patterns like 'vfs_*', or say --all"));
  }
  int status = kDone;
  auto daemon = connect(options.daemon, status);
  if (!daemon) return status;
  auto reply = ask_showing<wire::NamesReply>(
      *daemon, std::string(done),
      Request{.which = {.probes = options.probes, .all = options.all}, .progress = true});
  if (!reply.ok()) return report(reply.error());
  std::string answer;
  for (const std::string& name : reply->probes) answer += format("{}: {}\n", shown(name), done);
  if (reply->probes.empty()) say("there are no probes");
  const int status_of_answer = print_answer(answer);
  if (options.all && !reply->probes.empty() && !hint.empty()) say(std::string(hint));
  return status_of_answer;
}

}  // namespace

int remove(const SelectOptions& options) {
  return ask_about<wire::RemoveRequest>(options, "removed");
}
int enable(const SelectOptions& options) {
  return ask_about<wire::EnableRequest>(options, "armed");
}
int disable(const SelectOptions& options) {
  return ask_about<wire::DisableRequest>(options, "disabled",
                                         "they are out of the kernel, and other tools have it for "
                                         "themselves: 'kprobectl enable --all' "
                                         "brings them back");
}

}  // namespace kprobed::kprobectl
