// SPDX-License-Identifier: Apache-2.0
//
// Where a value is, as kprobe_events can say it: a word of the kernel's language and dereferences
// around it. Field paths move it, arguments read it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "probespec/spec.h"

namespace kprobed::resolve {

struct Location {
  std::string base;    ///< the innermost word: "%di", "@jiffies", "$arg1"
  unsigned steps = 1;  ///< of FETCH_INSN_MAX that the word takes (trace_probe.c, parse_probe_arg)
  std::vector<probespec::Deref> derefs;  ///< around the word, innermost first
  /// false: what word and derefs give is the value. true: it is the address, less `offset`, of the
  /// memory that holds the value.
  bool in_memory = false;
  std::int64_t offset = 0;
  bool at_sign = false;    ///< with in_memory: the word is "@...", which reads by itself
  bool word_slot = false;  ///< with in_memory: a whole register is kept there (pt_regs)
  bool user = false;       ///< what it points to is memory of user space
  /// Memory reads so far, that of an '@' word included.
  unsigned reads = 0;

  /// From now on the value itself, read if it lies in memory.
  void load();
  /// One more read: around the value, as the user or we want it.
  void read(probespec::Deref deref);
  /// From now on the memory at the value plus `displacement`: what a pointer points to.
  void follow(std::int64_t displacement);

  /// "+8(+0(%di))", of word and derefs.
  std::string text() const;
};

/// "+8", "-8", "+u8": what stands in front of the parenthesis.
std::string text(const probespec::Deref& deref);

}  // namespace kprobed::resolve
