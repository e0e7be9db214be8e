// SPDX-License-Identifier: Apache-2.0
//
// The kernel's sentences about a refused line, each with our own. They are those of ERRORS in
// kernel/trace/trace_probe.h, 5.10 to 6.18.
#pragma once

#include <span>
#include <string_view>

#include "base/error.h"
#include "tracefs/events_file.h"

namespace kprobed::tracefs {

struct Sentence {
  std::string_view kernel_text;
  ErrorCode code = ErrorCode::kernel_refused;
  std::string_view meaning;
  std::string_view hint;
};

inline constexpr std::string_view kNoSymbol = "Invalid probed address or symbol";
inline constexpr std::string_view kNotRegistered = "Failed to register probe event";

/// All that are known.
std::span<const Sentence> sentences();
/// nullptr if it is not known.
const Sentence* find_sentence(std::string_view kernel_text);

/// What an errno can only mean after a line of ours, where error_log is silent.
struct Silence {
  int sys_errno = 0;
  ErrorCode code = ErrorCode::kernel_refused;
  std::string_view meaning;
  std::string_view hint;
};

/// nullptr if it says nothing in particular.
const Silence* find_silence(EventsFile file, int sys_errno);

}  // namespace kprobed::tracefs
