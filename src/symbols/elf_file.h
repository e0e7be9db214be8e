// SPDX-License-Identifier: Apache-2.0
//
// What uprobes need to know of a program or library: which bytes of it are code, and what its
// functions are called. A value: the file is read once and closed. Everything in it is input.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace kprobed::symbols {

class ElfReader;

/// A function, or what could be one: untyped names of assembly are here, data is not.
struct ElfSymbol {
  std::uint32_t name = 0;  ///< ElfFile::name()
  std::uint64_t address = 0;
  std::uint64_t size = 0;        ///< 0 where nobody said
  bool imported = false;         ///< only used here: another library has it
  bool chosen_at_start = false;  ///< STT_GNU_IFUNC: the address is that of the chooser
  bool old_version = false;      ///< "@VERSION": programs that are linked today get another one
};

class ElfFile {
 public:
  /// Names come from .symtab or, where that is stripped, from the separate debug file (found by
  /// build id below `debug_folder`, or by .gnu_debuglink; taken only with the same build id), and
  /// always from .dynsym. Errors: not_found, no_permission, malformed, exhausted, io.
  static Result<ElfFile> open(const std::string& path, const std::string& debug_folder);

  /// Does st_dev, st_ino, size or time of what is at that path now differ from what was read?
  bool is_current() const;

  const std::string& path() const { return path_; }
  std::uint64_t device() const { return identity_.device; }
  std::uint64_t inode() const { return identity_.inode; }
  unsigned word_bytes() const { return word_bytes_; }
  unsigned machine() const { return machine_; }  ///< EM_*
  bool big_endian() const { return big_endian_; }

  /// Sorted by address.
  const std::vector<ElfSymbol>& symbols() const { return symbols_; }
  /// Without "@@VERSION"; C++ names as they are, mangled.
  std::string_view name(const ElfSymbol& symbol) const { return &names_[symbol.name]; }
  const std::vector<std::string>& needed() const { return needed_; }  ///< DT_NEEDED

  /// Between addresses and places in the file, of code that is loaded from it. nullopt elsewhere.
  std::optional<std::uint64_t> file_offset_of(std::uint64_t address) const;
  std::optional<std::uint64_t> address_of(std::uint64_t file_offset) const;
  /// The function that holds the address; nullptr where none is known to.
  const ElfSymbol* holder_of(std::uint64_t address) const;

 private:
  struct Identity {
    std::uint64_t device = 0, inode = 0, size = 0, changed_ns = 0;
    bool operator==(const Identity&) const = default;
  };
  /// An executable PT_LOAD.
  struct Segment {
    std::uint64_t address = 0, file_offset = 0, bytes = 0;
  };
  ElfFile() = default;
  void add_symbols(const ElfReader& from, std::uint32_t section_type);
  void sort_symbols();

  std::string path_;
  Identity identity_;
  unsigned word_bytes_ = 8, machine_ = 0;
  bool big_endian_ = false;
  std::vector<Segment> code_;
  std::string names_;  ///< NUL-terminated
  std::vector<ElfSymbol> symbols_;
  std::vector<std::string> needed_;
};

}  // namespace kprobed::symbols
