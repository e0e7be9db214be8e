// SPDX-License-Identifier: Apache-2.0
//
// The exact line for kprobe_events (uprobe_events, dynamic_events), with the way back from each of
// its columns to the user's text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "resolve/resolved_probe.h"

namespace kprobed::resolve {

struct KernelLine {
  struct Piece {
    std::size_t begin = 0, end = 0;  ///< bytes of `text`
    Span span;                       ///< what the user wrote for it
  };
  std::string text;  ///< without newline: "p:kprobed/e1 do_sys_openat2+0 a1=%di:x64"
  std::vector<Piece> pieces;

  /// The user's token that the byte `column` of `text` came from; the whole spec if none did.
  Span blame(std::size_t column) const;
  Span whole;  ///< the whole spec
};

/// One line, or one for each member, which differ in the place alone; none for an event that the
/// kernel has already. group/event: private names of ours, both identifiers of at most 63 bytes.
std::vector<KernelLine> compose_lines(const ResolvedProbe& probe, std::string_view group,
                                      std::string_view event);

/// The first of them; without text where there is none.
KernelLine compose_line(const ResolvedProbe& probe, std::string_view group, std::string_view event);

}  // namespace kprobed::resolve
