// SPDX-License-Identifier: Apache-2.0
//
// /proc/kallsyms, indexed: name to symbols, address to the symbol that holds it. Kept compact (one
// blob of names, flat arrays) because it lives as long as a probe is armed. A snapshot: modules
// that come later are not in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "resolve/kernel_view.h"

namespace kprobed::symbols {

class Kallsyms {
 public:
  /// "ffffffff81000000 T _stext\t[module]" per line; lines that are not so are skipped. Pure.
  static Kallsyms parse(std::string_view text);
  static Result<Kallsyms> read(const std::string& path = "/proc/kallsyms");

  bool addresses_visible() const { return !text_addresses_.empty(); }

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

  /// Without a copy, for naming callers per event: "" and 0 outside known text. O(log n), no
  /// allocation. Unlike text_symbol_at it also names code that the kernel made while running.
  struct Place {
    std::string_view symbol;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;   ///< of the symbol, as end_of() has it
    std::string_view module;  ///< "" for the kernel itself; "bpf" for what BPF has made
  };
  Place place_of(std::uint64_t address) const;

 private:
  using Index = std::uint32_t;  ///< of entries_

  struct Entry {
    std::uint64_t address;
    std::uint32_t name;  ///< offset in blob_
    std::uint16_t module;
    char type;
  };
  /// Symbols in brackets: [0] is the kernel itself.
  struct Module {
    std::string name;
    bool generated = false;      ///< no module but what the kernel made: "bpf"
    std::uint64_t text_end = 0;  ///< past its last page of text
  };

  void add_lines(std::string_view text);
  bool add_line(std::string_view line);
  void index();
  std::uint16_t module_index(std::string_view name);
  void index_names();
  void index_text();
  void find_limits();
  /// Is `a` a better name for their common address than `b`?
  bool better_name(Index a, Index b) const;
  bool is_unique(std::string_view name) const;
  /// The position in text_addresses_ of the symbol that holds the address.
  std::optional<std::size_t> holder_of(std::uint64_t address) const;
  std::uint64_t end_at(std::size_t position) const;
  std::string_view name_of(const Entry& entry) const { return &blob_[entry.name]; }
  resolve::Symbol symbol_of(const Entry& entry) const;

  std::string blob_;  ///< names, NUL-terminated
  std::vector<Module> modules_{1};
  std::vector<Entry> entries_;  ///< in the file's order: the kernel's own first
  /// Open-addressing hash over names: indexes of entries_ + 1, 0 for a free slot; equal names lie
  /// in the order of the file.
  std::vector<Index> by_name_;
  std::vector<std::uint64_t> text_addresses_;    ///< sorted, each once
  std::vector<Index> text_entries_;              ///< the best name at that address
  std::uint64_t text_begin_ = 0, text_end_ = 0;  ///< _stext, _etext
  std::uint64_t init_begin_ = 0, init_end_ = 0;  ///< _sinittext, _einittext
};

}  // namespace kprobed::symbols
