// SPDX-License-Identifier: Apache-2.0
//
// A wish made exact for one kernel: which instruction, which fetchargs, what will come out, and
// what the user should know about it before it is armed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "probespec/spec.h"
#include "resolve/kernel_view.h"

namespace kprobed::resolve {

/// Where an output argument's value is found in the kernel's record.
enum class ValueSource : std::uint8_t {
  fetcharg,        ///< a fetcharg of our own, under kernel_name
  return_address,  ///< the event's own __probe_ret_ip: the 2009 `rp`
};

struct ResolvedArg {
  std::string name;  ///< in the output and (kernel_name) in kprobe_events
  ValueSource source = ValueSource::fetcharg;
  std::string kernel_name;  ///< the fetcharg's name; "__probe_ret_ip" for return_address
  std::string fetch;        ///< "%di", "$stack1", "+0(%si)", "@0xffffffff81000000"; "" for none
  probespec::BaseType type = probespec::BaseType::x64;
  std::string meaning;  ///< for `check`: "argument 1, in register di"
  Span span;            ///< the user's token

  bool operator==(const ResolvedArg&) const = default;
};

/// Something the user should know; not an error.
struct Remark {
  /// Stable word: "inlined", "replaced", "module_not_loaded", "past_end", "notrace",
  /// "not_at_entry", "oversize".
  std::string code;
  std::string message;  ///< one sentence
  std::string hint;     ///< what to do; may be empty
  Span span;

  bool operator==(const Remark&) const = default;
};

struct ResolvedProbe {
  probespec::ProbeSpec spec;  ///< what was asked for (with --resolve: after replacement)
  std::string module;         ///< "" for the kernel itself
  std::string symbol;  ///< what the user sees in events: the symbol that holds the instruction
  std::uint64_t offset = 0;   ///< from symbol
  std::uint64_t address = 0;  ///< 0 if addresses are not visible
  bool at_entry = true;       ///< is it a function's first instruction?
  std::string kernel_point;   ///< for kprobe_events: "do_sys_open+0", "dummy:dummy_xmit+4"
  std::vector<ResolvedArg> args;
  std::size_t fixed_bytes = 0;  ///< of a record without its strings' text
  /// With every string at its longest (4,096 bytes). What perf is asked to carry for it is
  /// carried_bytes(), in resolve/record_size.h.
  std::size_t worst_bytes = 0;
  std::vector<Remark> remarks;
};

struct ResolveOptions {
  bool follow_drift = false;  ///< --resolve: take the replacement that the drift table names
};

/// `spec` as parse() gives it: what the grammar refuses is not looked for again. Errors carry the
/// Span of the token they blame.
Result<ResolvedProbe> resolve(const probespec::ProbeSpec& spec, const KernelView& kernel,
                              const ResolveOptions& options);

}  // namespace kprobed::resolve
