// SPDX-License-Identifier: Apache-2.0
#include "engine/probe_state.h"

#include <array>

namespace kprobed::engine {

namespace {

using S = ProbeState;
using Row = std::array<std::optional<S>, kCauses>;
constexpr std::nullopt_t kStays = std::nullopt;

// Who is disabled or held stays so whatever becomes of its code: only its owner changes that.
// clang-format off
constexpr std::array<Row, kProbeStates + 1> kTable = {{
    //               set       awaited     unloaded silenced     refused    exhausted   distrusted
    /* pending  */ {{S::armed, S::pending, kStays,  S::disabled, S::failed, S::retried, kStays}},
    /* armed    */ {{S::armed, kStays,     S::gone, S::disabled, S::failed, S::retried, kStays}},
    /* gone     */ {{S::armed, kStays,     S::gone, S::disabled, S::failed, S::retried, kStays}},
    /* disabled */ {{S::armed, S::pending, kStays,  S::disabled, S::failed, S::retried, kStays}},
    /* failed   */ {{S::armed, S::pending, kStays,  S::disabled, S::failed, S::retried, kStays}},
    /* retried  */ {{S::armed, S::pending, kStays,  S::disabled, S::failed, S::retried, kStays}},
    /* held     */ {{S::armed, S::pending, kStays,  kStays,      S::failed, S::retried, S::held}},
    /* new      */ {{S::armed, S::pending, kStays,  S::disabled, S::failed, S::retried, S::held}},
}};
// clang-format on

constexpr std::array<std::string_view, kProbeStates> kWords = {
    "pending", "armed", "gone", "disabled", "failed", "retried", "held"};

}  // namespace

std::string_view word(ProbeState state) { return kWords.at(static_cast<std::size_t>(state)); }

std::optional<ProbeState> next_state(std::optional<ProbeState> from, Cause cause) {
  const std::size_t row = from ? static_cast<std::size_t>(*from) : kProbeStates;
  return kTable.at(row).at(static_cast<std::size_t>(cause));
}

}  // namespace kprobed::engine
