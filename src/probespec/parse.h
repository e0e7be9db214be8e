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
/// kMaxLineBytes are refused unread. Behind the word `if` a '#' in quotes begins no comment.
Parsed parse(std::shared_ptr<const Source> source);

/// Kernel limits checked here (kernel/trace/trace_probe.h; KERNEL-FACTS 3.3).
inline constexpr std::size_t kMaxLineBytes = 4094;     ///< trace.c WRITE_BUFSIZE - 2
inline constexpr std::size_t kMaxArgs = 128;           ///< MAX_TRACE_ARGS
inline constexpr std::size_t kMaxEventNameBytes = 63;  ///< MAX_EVENT_NAME_LEN - 1; groups too
inline constexpr std::size_t kMaxArgNameBytes = 32;    ///< MAX_ARG_NAME_LEN
inline constexpr unsigned kMaxActive = 4096;           ///< KRETPROBE_MAXACTIVE_MAX
/// MAX_ARGSTR_LEN: after NAME=. Checked here where the kernel is given what was written; where it
/// is given something else (2009 words, names, fields, C types) resolving knows the length.
inline constexpr std::size_t kMaxArgExprBytes = 63;
/// FETCH_INSN_MAX is 16, and the last is the end mark: what a fetch may take, see check_arg.cc.
inline constexpr std::size_t kMaxFetchSteps = 15;
/// A filter's quoted operand: MAX_FILTER_STR_VAL - 1 (kernel/trace/trace_events_filter.c).
inline constexpr std::size_t kMaxQuotedBytes = 255;

/// Limits of this language's own.
inline constexpr std::size_t kMaxOwnExprBytes = 256;   ///< an argument, after NAME=
inline constexpr std::size_t kMaxFieldSteps = 15;      ///< a->b.c[1] has three
inline constexpr std::size_t kMaxConditionDepth = 32;  ///< '(' and '!' within each other

}  // namespace kprobed::probespec
