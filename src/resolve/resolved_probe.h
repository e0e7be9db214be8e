// SPDX-License-Identifier: Apache-2.0
//
// A wish made exact for one kernel: which instruction, which fetchargs, what will come out, and
// what the user should know about it before it is armed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "decode/value_shape.h"
#include "probespec/spec.h"
#include "resolve/kernel_view.h"

namespace kprobed::resolve {

/// Where an output argument's value is found in the kernel's record.
enum class ValueSource : std::uint8_t {
  fetcharg,        ///< a fetcharg of our own, under kernel_name
  return_address,  ///< the event's own __probe_ret_ip: the 2009 `rp`
};

struct ResolvedArg {
  std::string name;  ///< in the output
  ValueSource source = ValueSource::fetcharg;
  /// The field's name in the kernel's record: an identifier; "__probe_ret_ip" for return_address.
  std::string kernel_name;
  std::string fetch;  ///< "%di", "$stack1", "+0(%si)", "@0xffffffff81000000"; "" for none
  /// On 32-bit machines a number of 64 bits may lie in two registers: this is the second, which
  /// stands behind the first in the record as in memory, under `second_name`. "" for none.
  std::string second_fetch, second_name;
  std::string kernel_type;  ///< "s32", "u8[16]", "b3@2/32", "string", "symbol"; "" for none
  decode::ValueShape shape;
  decode::Unreadable unreadable = decode::Unreadable::never;
  std::size_t fixed_bytes = 8;  ///< in the record: 4 times count for text and arrays of text
  std::size_t text_bytes = 0;   ///< the most that its text may add
  std::string c_type;           ///< "struct open_how *" where BTF knows it; else ""
  std::string meaning;          ///< for `check`: "argument 1, in register di"
  Span span;                    ///< the user's token
  Span name_span, fetch_span, type_span;  ///< parts of it; unknown where not written

  bool operator==(const ResolvedArg&) const = default;
};

/// What kind of kernel event carries the probe's records.
enum class EventSource : std::uint8_t {
  kprobe,    ///< a line in kprobe_events; with members: one event of several lines
  uprobe,    ///< a line in uprobe_events
  dynamic,   ///< a line in dynamic_events: fprobe and tracepoint probes
  existing,  ///< no line: an event that is there already
};

/// One of the functions that a pattern or %all stands for. They share one kernel event.
struct ProbeMember {
  std::string kernel_point;  ///< "tcp_v4_rcv+0"
  std::string symbol, module;
  std::uint64_t address = 0;
  std::uint64_t end = 0;  ///< past the function: samples are named by range

  bool operator==(const ProbeMember&) const = default;
};

/// Something the user should know; not an error.
struct Remark {
  /// Stable word: "inlined", "replaced", "module_not_loaded", "past_end", "notrace",
  /// "not_at_entry", "oversize", "syscall", "variant", "members", "skipped", "blacklisted",
  /// "boundary", "cut", "unsigned", "fprobe", "one_word_each", "two_words", "kernel_text",
  /// "several_modules".
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
  /// at_entry, but so many bytes behind it, since the kernel refuses the entry itself.
  std::uint8_t entry_shift = 0;
  std::string kernel_point;  ///< for kprobe_events: "do_sys_open+0", "dummy:dummy_xmit+4"; for
                             ///< uprobe_events "/bin/bash:0x1234"
  EventSource source = EventSource::kprobe;
  std::vector<ProbeMember> members;     ///< two or more, by address; empty for a single place
  std::string path;                     ///< uprobes
  std::uint64_t device = 0, inode = 0;  ///< uprobes: the file that was resolved
  std::string event_group, event_name;  ///< EventSource::existing
  std::string filter;                   ///< for PERF_EVENT_IOC_SET_FILTER; "" for none
  /// Fetchargs that nobody sees: they make the kernel zero the record before it fills it, so that
  /// an unreadable number is 0 and not stale (KERNEL-FACTS 32). Each "NAME=\"zzz\":string". Only
  /// kprobes, only where an argument needs it. forget_padding() undoes it.
  std::vector<std::string> padding;
  std::vector<ResolvedArg> args;
  std::size_t fixed_bytes = 0;  ///< of a record without its strings' text
  /// With every string at its longest (4,096 bytes). What perf is asked to carry for it is
  /// carried_bytes(), in resolve/record_size.h.
  std::size_t worst_bytes = 0;
  std::vector<Remark> remarks;
  /// Nothing was found that it could be set on, and that is waited for: why. Then only `spec`
  /// counts. Not from resolve(), which says so by an error.
  std::string missing;
};

/// For a kernel that does not zero the record: no padding, and what was Unreadable::zero because of
/// it becomes stale.
void forget_padding(ResolvedProbe& probe);

/// For a kernel that zeroes the record, and yet stores something else for some unreadable
/// addresses: the padding stays, but Unreadable::zero becomes stale.
void distrust_padding(ResolvedProbe& probe);

struct ResolveOptions {
  bool follow_drift = false;   ///< --resolve: take the replacement that the drift table names, or
                               ///< the one variant a compiler has made of the function
  bool await_symbols = false;  ///< --pending: MOD:SYM is taken although no file has it
  /// MOD:SYM is taken although there is no file of such a module: it was there once, maybe loaded
  /// from elsewhere.
  bool trust_modules = false;
  std::size_t max_members = 512;  ///< a pattern may stand for so many functions
};

/// `spec` as parse() gives it: what the grammar refuses is not looked for again. Errors carry the
/// Span of the token they blame.
Result<ResolvedProbe> resolve(const probespec::ProbeSpec& spec, const KernelView& kernel,
                              const ResolveOptions& options);

}  // namespace kprobed::resolve
