// SPDX-License-Identifier: Apache-2.0
//
// The states of a probe, and the one table that says what leads from which to which. A probe is a
// wish: it stays in the table of probes, in one of these states, until somebody removes it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace kprobed::engine {

enum class ProbeState : std::uint8_t {
  pending,   ///< what it is on has not come yet: a module that is not loaded
  armed,     ///< in the kernel, events flow
  gone,      ///< what it was on has gone, and is waited for: an unloaded module
  disabled,  ///< in the kernel, silent, since somebody said so
  failed,    ///< not in the kernel: it does not fit what is there
  retried,   ///< not in the kernel for want of something; tried again by itself
  held,      ///< wished for, kept out of the kernel after repeated crashes
};
inline constexpr std::uint8_t kProbeStates = 7;
std::string_view word(ProbeState state);

/// Is it set in the kernel and may it record, now or as soon as its code is there? The kernel arms
/// a `MOD:` line again before anybody knows that the module has come.
constexpr bool may_record(ProbeState state) {
  return state == ProbeState::armed || state == ProbeState::pending || state == ProbeState::gone;
}

/// What happens to a probe.
enum class Cause : std::uint8_t {
  set,         ///< it is in the kernel, and so is its code
  awaited,     ///< its code has not come yet
  unloaded,    ///< its code has left, or the kernel's probes are switched off
  silenced,    ///< somebody disabled it
  refused,     ///< it cannot be set on what is there
  exhausted,   ///< it could not be set, but that may pass: out of memory, busy, a line taken away
  distrusted,  ///< kprobed crashed repeatedly while it was set
};
inline constexpr std::uint8_t kCauses = 7;

/// Where `cause` leads from `from`; `from` nullopt: a probe that is new. nullopt: it does not
/// happen there, and the probe stays as it is.
std::optional<ProbeState> next_state(std::optional<ProbeState> from, Cause cause);

}  // namespace kprobed::engine
