// SPDX-License-Identifier: Apache-2.0
//
// Where a probe goes on this kernel.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "probespec/spec.h"
#include "resolve/kernel_view.h"
#include "resolve/resolved_probe.h"

namespace kprobed::resolve {

/// The fields of the same name in ResolvedProbe say more.
struct Place {
  std::string module;
  std::string symbol;
  std::uint64_t offset = 0;
  std::uint64_t address = 0;
  bool at_entry = true;
  bool deferred = false;  ///< its module is not loaded: the kernel arms it when it comes
  std::string kernel_point;
  EventSource source = EventSource::kprobe;
  /// The system call that the user named ("openat"): arguments are those of the call. "" otherwise.
  std::string syscall;
  bool wrapped = false;  ///< they lie in the pt_regs that the call's function is given
  /// The probe stands so many bytes behind a function's entry, since the kernel refuses the entry;
  /// arguments are still where the call put them.
  std::uint8_t entry_shift = 0;
  std::vector<ProbeMember> members;
  std::string path;                     ///< uprobes
  std::uint64_t device = 0, inode = 0;  ///< uprobes
  std::uint64_t file_offset = 0;        ///< uprobes
  unsigned word_bytes = 8;              ///< of the code there
  std::string event_group, event_name;  ///< EventSource::existing
  std::vector<Remark> remarks;

  /// "vfs_read+4", for messages.
  std::string text() const;
};

/// One function of several, by itself.
Place place_of(const ProbeMember& member);

/// Errors: symbol_not_found, symbol_not_unique, bad_address (data, outside text, blacklisted,
/// inside an instruction), no_permission (addresses are needed and not visible), wrong_place (a
/// return probe away from an entry, an event of ours), too_many (a pattern), unsupported (uprobes,
/// fprobes or tracepoint probes that this kernel has not), not_found (an event, tracepoint or
/// file). Each with a Span.
Result<Place> find_place(const probespec::ProbeSpec& spec, const KernelView& kernel,
                         const ResolveOptions& options = {});

}  // namespace kprobed::resolve
