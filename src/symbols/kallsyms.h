// SPDX-License-Identifier: Apache-2.0
//
// /proc/kallsyms, indexed: name to symbols, address to the symbol that holds it. Compact (one blob
// of names, flat arrays), some 15 MB all the same: for resolving specs, and let go afterwards. A
// snapshot: modules that come later are not in it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "resolve/kernel_view.h"
#include "symbols/text_names.h"

namespace kprobed::symbols {

class Kallsyms {
 public:
  /// "ffffffff81000000 T _stext\t[module]" per line; lines that are not so are skipped. Pure.
  static Kallsyms parse(std::string_view text);
  static Result<Kallsyms> read(const std::string& path = "/proc/kallsyms");

  bool addresses_visible() const { return !text_->empty(); }

  /// As KernelView asks. Symbols that the kernel makes while it runs ([bpf], [__builtin__ftrace])
  /// are not found: no probe can name them.
  std::vector<resolve::Symbol> find(std::string_view name, std::string_view module) const;
  std::optional<resolve::Symbol> text_symbol_at(std::uint64_t address) const;
  bool in_text(std::uint64_t address) const;
  std::vector<std::string> similar(std::string_view name, std::size_t limit) const;
  std::vector<resolve::Symbol> matching(const std::string& pattern, std::string_view module) const;

  /// Where the text symbol that holds `address` ends: at the next one, or with its kernel or module
  /// (of a module that is known by the page only). 0 outside of text.
  std::uint64_t end_of(std::uint64_t address) const;

  /// Has it any symbol here, so: was it loaded?
  bool has_module(std::string_view module) const;

  /// What names addresses, without the rest; may outlive it.
  std::shared_ptr<const TextNames> text_names() const { return text_; }

 private:
  using Index = std::uint32_t;  ///< of entries_

  struct Entry {
    std::uint64_t address;
    std::uint32_t name;  ///< offset in blob_
    std::uint16_t module;
    char type;
  };

  void add_lines(std::string_view text);
  bool add_line(std::string_view line);
  void index();
  std::uint16_t module_index(std::string_view name);
  void index_names();
  void index_text(const TextNames::Limits& limits);
  TextNames::Limits find_limits();
  /// Is `a` a better name for their common address than `b`?
  bool better_name(Index a, Index b) const;
  bool is_unique(std::string_view name) const;
  std::string_view name_of(const Entry& entry) const { return &blob_[entry.name]; }
  resolve::Symbol symbol_of(const Entry& entry) const;

  std::string blob_;                         ///< names, NUL-terminated
  std::vector<TextNames::Home> modules_{1};  ///< symbols in brackets: [0] is the kernel itself
  std::vector<Entry> entries_;               ///< in the file's order: the kernel's own first
  /// Open-addressing hash over names: indexes of entries_ + 1, 0 for a free slot; equal names lie
  /// in the order of the file.
  std::vector<Index> by_name_;
  std::shared_ptr<const TextNames> text_;  ///< by address, with the best name of each
  std::vector<Index> text_entries_;        ///< by position in text_
};

}  // namespace kprobed::symbols
