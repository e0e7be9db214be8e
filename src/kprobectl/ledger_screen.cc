// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/ledger_screen.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "base/format.h"
#include "base/text.h"
#include "kprobectl/daemon.h"
#include "kprobectl/text_table.h"

namespace kprobed::kprobectl {

namespace {

constexpr auto kLeft = TextTable::Align::left;
constexpr auto kRight = TextTable::Align::right;

using Known = std::optional<std::uint64_t>;

struct Term {
  const char* title;
  std::function<Known(const wire::LedgerTerms&)> of;
  bool always;  ///< also where all are 0
};

/// In the order in which a hit passes them.
const std::vector<Term>& terms() {
  using Terms = wire::LedgerTerms;
  static const std::vector<Term> all = {
      {"HITS", [](const Terms& t) { return t.hits; }, true},
      {"MISSED", [](const Terms& t) { return t.missed; }, true},
      {"UNATTACHED", [](const Terms& t) { return t.unattached; }, false},
      {"K.DROPPED", [](const Terms& t) { return t.kernel_dropped; }, false},
      {"FILTERED", [](const Terms& t) { return t.filtered; }, false},
      {"SAMPLED", [](const Terms& t) { return t.sampled_out; }, false},
      {"LOST", [](const Terms& t) { return t.lost; }, true},
      {"UNCLAIMED", [](const Terms& t) { return Known(t.unclaimed); }, false},
      {"READ", [](const Terms& t) { return Known(t.read); }, true},
      {"MALFORMED", [](const Terms& t) { return Known(t.malformed); }, false},
      {"EXCLUDED", [](const Terms& t) { return Known(t.excluded); }, false},
      {"DISCARDED", [](const Terms& t) { return Known(t.discarded); }, false},
      {"HELD", [](const Terms& t) { return Known(t.held); }, false},
      {"PUBLISHED", [](const Terms& t) { return Known(t.published); }, true},
  };
  return all;
}

std::string number(const Known& count) { return count ? with_thousands(*count) : "?"; }

std::string difference(const std::optional<std::int64_t>& count) {
  if (!count) return "?";
  if (*count >= 0) return with_thousands(static_cast<std::uint64_t>(*count));
  return "-" + with_thousands(~static_cast<std::uint64_t>(*count) + 1);
}

std::string list_of(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 8;
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < kShown; ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > kShown) text += format(" and {} more", names.size() - kShown);
  return text;
}

}  // namespace

std::string ledger_screen(const wire::LedgerReply& reply) {
  if (reply.probes.empty()) return "no probes\n";
  std::vector<const wire::LedgerTerms*> rows;
  for (const auto& probe : reply.probes) rows.push_back(&probe.terms);
  for (const auto& event : reply.events) rows.push_back(&event.terms);
  std::vector<const Term*> shown_terms;
  std::vector<TextTable::Column> columns{{"PROBE", kLeft}, {"STATE", kLeft}};
  for (const Term& term : terms()) {
    const bool tells = std::ranges::any_of(
        rows, [&](const wire::LedgerTerms* row) { return term.of(*row).value_or(0) != 0; });
    if (!term.always && !tells) continue;
    shown_terms.push_back(&term);
    columns.push_back({term.title, kRight});
  }
  columns.push_back({"UNEXPLAINED", kRight});
  TextTable table(std::move(columns));
  bool live = false;
  const auto add = [&](const std::string& name, std::string state, bool is_live,
                       const wire::LedgerTerms& row) {
    std::vector<std::string> cells{name, std::move(state)};
    for (const Term* term : shown_terms) cells.push_back(number(term->of(row)));
    cells.push_back((is_live ? "~" : "") + difference(row.unexplained));
    live = live || is_live;
    table.row(cells);
  };
  for (const wire::ProbeLedger& probe : reply.probes) {
    add(probe.name, probe.state, probe.live, probe.terms);
    if (!probe.event.empty()) table.remark("shares the event " + probe.event);
  }
  for (const wire::EventLedger& event : reply.events) {
    add("event " + event.event, "", event.live, event.terms);
    table.remark("of " + list_of(event.probes));
  }
  std::string out = table.text();
  for (const wire::CpuLedger& cpu : reply.cpus) {
    out += format("CPU {}: {} lost\n", cpu.cpu, with_thousands(cpu.lost));
  }
  if (live) out += "~ events may flow: exact once the probe is disabled\n";
  return out;
}

std::string client_ledgers(const std::vector<wire::ClientLedger>& clients) {
  if (clients.empty()) return "no clients\n";
  TextTable table({{"CLIENT PID", kRight},
                   {"STREAM", kLeft},
                   {"LINES", kRight},
                   {"SKIPPED", kRight},
                   {"MATCHED", kRight},
                   {"SENT", kRight},
                   {"DROPPED", kRight},
                   {"PENDING", kRight},
                   {"UNEXPLAINED", kRight}});
  for (const wire::ClientLedger& client : clients) {
    table.row({std::to_string(client.pid), client.subscribed ? "yes" : "no",
               with_thousands(client.lines), with_thousands(client.skipped),
               with_thousands(client.matched), with_thousands(client.sent),
               with_thousands(client.dropped), with_thousands(client.pending),
               difference(client.unexplained)});
  }
  return table.text();
}

}  // namespace kprobed::kprobectl
