// SPDX-License-Identifier: Apache-2.0
//
// What resolving asks of a kernel. `symbols` answers from the running one; tests answer from
// captured ones.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arch/arch_abi.h"

namespace kprobed::resolve {

/// One line of /proc/kallsyms.
struct Symbol {
  std::string name;
  std::string module;         ///< "" for the kernel itself
  std::uint64_t address = 0;  ///< 0 where the reader may not see addresses (kptr_restrict)
  char type = '?';            ///< nm's letter: t/T text, d/D data, ...

  bool is_text() const { return type == 't' || type == 'T' || type == 'w' || type == 'W'; }
  bool operator==(const Symbol&) const = default;
};

/// What this kernel's kprobe events can do, read from tracefs' README (never from the version).
struct KernelFeatures {
  bool known = false;             ///< README could not be read: nothing below is certain
  bool argument_words = false;    ///< $argN
  bool return_arguments = false;  ///< $argN on return probes (6.9)
  bool ustring = false;           ///< ustring and +u (5.3)
  bool btf_arguments = false;     ///< bare parameter names (6.5)
  bool group_only_names = false;  ///< `GRP/` (6.0); also proves PERF_MAX_TRACE_SIZE is 8192

  bool operator==(const KernelFeatures&) const = default;
};

/// Reads the features from the text of tracefs' README file.
KernelFeatures parse_readme(std::string_view readme);

class KernelView {
 public:
  virtual ~KernelView() = default;

  virtual const arch::ArchAbi& abi() const = 0;
  virtual const KernelFeatures& features() const = 0;

  /// All symbols of exactly that name (text and data), the kernel's own first. `module` "" means
  /// anywhere, otherwise only that module's.
  virtual std::vector<Symbol> find(std::string_view name, std::string_view module) const = 0;

  /// The text symbol with the highest address <= `address`; of several at the same address, one
  /// whose name is unique in the whole kernel if there is one. nullopt outside kernel and module
  /// text.
  virtual std::optional<Symbol> text_symbol_at(std::uint64_t address) const = 0;

  /// Is that module loaded?
  virtual bool module_loaded(std::string_view module) const = 0;

  /// Are addresses visible to this process? (kptr_restrict; root usually sees them)
  virtual bool addresses_visible() const = 0;

  /// Is the address in text that stays: the kernel's _stext.._etext or a loaded module, not
  /// __init text that has been freed?
  virtual bool in_text(std::uint64_t address) const = 0;

  /// Text symbols whose name is close to `name`, closest first, at most `limit`.
  virtual std::vector<std::string> similar(std::string_view name, std::size_t limit) const = 0;

  /// Can ftrace trace the function (available_filter_functions)? On most kernels kprobe_events
  /// refuses the others as notrace. nullopt if it cannot be told.
  virtual std::optional<bool> traceable(std::string_view function) const = 0;
};

}  // namespace kprobed::resolve
