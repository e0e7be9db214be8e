// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/ledger_screen.h"

#include <gtest/gtest.h>

namespace kprobed::kprobectl {
namespace {

wire::LedgerTerms terms(std::uint64_t hits) {
  wire::LedgerTerms terms;
  terms.hits = hits;
  terms.missed = 0;
  terms.lost = 0;
  terms.read = terms.published = hits;
  terms.unexplained = 0;
  return terms;
}

TEST(LedgerScreen, LeavesOutWhatIsNothing) {
  wire::LedgerReply reply;
  reply.probes.push_back({.name = "vfs_read",
                          .state = "disabled",
                          .event = "",
                          .live = false,
                          .terms = terms(12'345)});
  EXPECT_EQ(ledger_screen(reply),
            "PROBE     STATE       HITS  MISSED  LOST    READ  PUBLISHED  UNEXPLAINED\n"
            "vfs_read  disabled  12,345       0     0  12,345     12,345            0\n");
}

TEST(LedgerScreen, TellsWhatIsKnownOfSharedEventsAndOfLiveOnes) {
  wire::LedgerReply reply;
  wire::LedgerTerms member;
  member.hits = 10;
  member.read = member.published = 9;
  member.unexplained = 0;
  reply.probes.push_back({"a", "armed", "d3", true, member});
  wire::LedgerTerms uprobe = terms(5);
  uprobe.missed.reset();
  uprobe.filtered = 2;
  uprobe.unexplained = -1'234;
  reply.probes.push_back({"b", "armed", "", false, uprobe});
  wire::LedgerTerms event = terms(10);
  event.missed.reset();
  event.lost.reset();
  event.unexplained.reset();
  reply.events.push_back({"d3", {"a", "z"}, true, event});
  reply.cpus.push_back({1, 37});
  EXPECT_EQ(ledger_screen(reply),
            "PROBE     STATE  HITS  MISSED  FILTERED  LOST  READ  PUBLISHED  UNEXPLAINED\n"
            "a         armed    10       ?         ?     ?     9          9           ~0\n"
            "    shares the event d3\n"
            "b         armed     5       ?         2     0     5          5       -1,234\n"
            "event d3           10       ?         ?     ?    10         10           ~?\n"
            "    of a, z\n"
            "CPU 1: 37 lost\n"
            "~ events may flow: exact once the probe is disabled\n");
}

TEST(LedgerScreen, Clients) {
  EXPECT_EQ(client_ledgers({}), "no clients\n");
  wire::ClientLedger client;
  client.pid = 42;
  client.subscribed = true;
  client.lines = 1'100;
  client.skipped = 100;
  client.matched = 1'000;
  client.sent = 700;
  client.dropped = 200;
  client.pending = 100;
  EXPECT_EQ(client_ledgers({client}),
            "CLIENT PID  STREAM  LINES  SKIPPED  MATCHED  SENT  DROPPED  PENDING  UNEXPLAINED\n"
            "        42  yes     1,100      100    1,000   700      200      100            0\n");
}

}  // namespace
}  // namespace kprobed::kprobectl
