// SPDX-License-Identifier: Apache-2.0
//
// Every state and every cause. The table is written down here once more, as docs/protocol.md draws
// it, so that a change of one of the two is seen.
#include "engine/probe_state.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace kprobed::engine {
namespace {

constexpr std::array kCausesInOrder = {
    Cause::set,     Cause::awaited,   Cause::unloaded,   Cause::silenced,
    Cause::refused, Cause::exhausted, Cause::distrusted,
};
static_assert(kCausesInOrder.size() == kCauses);

struct Row {
  std::optional<ProbeState> from;
  std::array<std::string_view, kCauses> to;  ///< "-": stays as it is
};

const std::array kRows = {
    // from                  set      awaited    unloaded silenced    refused   exhausted distrusted
    Row{std::nullopt, {"armed", "pending", "-", "disabled", "failed", "retried", "held"}},
    Row{ProbeState::pending, {"armed", "pending", "-", "disabled", "failed", "retried", "-"}},
    Row{ProbeState::armed, {"armed", "-", "gone", "disabled", "failed", "retried", "-"}},
    Row{ProbeState::gone, {"armed", "-", "gone", "disabled", "failed", "retried", "-"}},
    Row{ProbeState::disabled, {"armed", "pending", "-", "disabled", "failed", "retried", "-"}},
    Row{ProbeState::failed, {"armed", "pending", "-", "disabled", "failed", "retried", "-"}},
    Row{ProbeState::retried, {"armed", "pending", "-", "disabled", "failed", "retried", "-"}},
    Row{ProbeState::held, {"armed", "pending", "-", "-", "failed", "retried", "held"}},
};
static_assert(kRows.size() == kProbeStates + 1);

TEST(ProbeState, EveryCauseFromEveryState) {
  for (const Row& row : kRows) {
    for (std::size_t i = 0; i < kCauses; ++i) {
      const std::optional<ProbeState> next = next_state(row.from, kCausesInOrder[i]);
      EXPECT_EQ(next ? word(*next) : "-", row.to[i])
          << "from " << (row.from ? word(*row.from) : "nothing") << " by cause " << i;
    }
  }
}

TEST(ProbeState, OnlyWhatStandsInTheKernelAndWasNotSilencedMayRecord) {
  std::string recording;
  for (const Row& row : kRows) {
    if (row.from && may_record(*row.from)) recording += std::string(word(*row.from)) + " ";
  }
  EXPECT_EQ(recording, "pending armed gone ");
}

}  // namespace
}  // namespace kprobed::engine
