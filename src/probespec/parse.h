// SPDX-License-Identifier: Apache-2.0
//
// Text to ProbeSpec. Checks everything that can be known without a machine: grammar, names,
// limits, and which words belong to which kind of probe.
#pragma once

#include <memory>
#include <vector>

#include "base/error.h"
#include "probespec/spec.h"

namespace kprobed::probespec {

/// What a source holds. A bad line costs only itself: the others are still parsed, so that a file
/// shows all of its mistakes at once.
struct Parsed {
  std::vector<ProbeSpec> specs;  ///< in the order of the text
  std::vector<Error> errors;     ///< in the order of the text, each with a known Span
};

/// One spec per line; blank lines and everything from '#' to the end of a line are ignored.
/// Each other line gives one spec or one error: the first mistake in it. Lines longer than
/// kMaxLineBytes are refused unread.
Parsed parse(std::shared_ptr<const Source> source);

/// Kernel limits checked here (kernel/trace/trace_probe.h; KERNEL-FACTS 3.3).
inline constexpr std::size_t kMaxLineBytes = 4094;   ///< trace.c WRITE_BUFSIZE - 2
inline constexpr std::size_t kMaxArgs = 128;         ///< MAX_TRACE_ARGS
inline constexpr std::size_t kMaxArgNameBytes = 32;  ///< MAX_ARG_NAME_LEN
inline constexpr std::size_t kMaxArgExprBytes = 63;  ///< MAX_ARGSTR_LEN: after NAME=
/// FETCH_INSN_MAX is 16, and the last is the end mark: what a fetch may take, see parse_arg.cc.
inline constexpr std::size_t kMaxFetchSteps = 15;

}  // namespace kprobed::probespec
