// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/status_command.h"

#include "kprobectl/exit_code.h"
#include "kprobectl/ledger_screen.h"
#include "kprobectl/report.h"
#include "kprobectl/status_screen.h"
#include "wire/raw_result.h"

namespace kprobed::kprobectl {

namespace {

template <typename Reply, typename Show>
int ask_and_show(const DaemonOptions& options, wire::RequestBody request, bool json, Show show) {
  int status = kDone;
  auto daemon = connect(options, status);
  if (!daemon) return status;
  auto line = daemon->ask(std::move(request));
  if (!line.ok()) return report(line.error());
  if (json) return print_answer(wire::raw_result(*line) + "\n");
  auto reply = wire::decode_reply<Reply>(*line);
  if (!reply.ok()) return report(std::move(reply).error().while_doing("read the reply of kprobed"));
  return print_answer(show(*reply));
}

}  // namespace

int list(const DaemonOptions& daemon, ListForm form) {
  return ask_and_show<wire::ListReply>(
      daemon, wire::ListRequest{}, form == ListForm::json, [form](const wire::ListReply& reply) {
        return form == ListForm::names ? probe_names(reply.probes) : probe_list(reply.probes);
      });
}

int status(const DaemonOptions& daemon, bool json) {
  return ask_and_show<wire::StatusReply>(daemon, wire::StatusRequest{}, json, status_screen);
}

int ledger(const DaemonOptions& daemon, const std::vector<std::string>& probes, bool clients,
           bool json) {
  return ask_and_show<wire::LedgerReply>(
      daemon, wire::LedgerRequest{probes}, json, [clients](const wire::LedgerReply& reply) {
        return clients ? client_ledgers(reply.clients) : ledger_screen(reply);
      });
}

}  // namespace kprobed::kprobectl
