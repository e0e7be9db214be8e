// SPDX-License-Identifier: Apache-2.0
//
// An open ELF file under libelf, and the pieces of it that are asked for. Every answer of libelf is
// checked: files may be truncated, contradict themselves, or change while they are read.
#pragma once

#include <gelf.h>
#include <sys/stat.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace kprobed::symbols {

class ElfReader {
 public:
  /// Opens a regular file that is ELF, without waiting on a pipe's other end.
  static Result<ElfReader> open(const std::string& path);
  /// The same for bytes that are in memory. `path` is for messages only.
  static Result<ElfReader> of_image(std::string image, const std::string& path);
  /// A regular file that is not empty, whatever is in it.
  static Result<UniqueFd> open_regular(const std::string& path, struct stat& status);

  const GElf_Ehdr& header() const { return header_; }
  const struct stat& status() const { return status_; }

  void each_segment(const std::function<void(const GElf_Phdr&)>& found) const;
  /// Of .symtab (SHT_SYMTAB) or .dynsym (SHT_DYNSYM). `old_version`: .gnu.version hides it.
  void each_symbol(GElf_Word section_type,
                   const std::function<void(const GElf_Sym& symbol, std::string_view name,
                                            bool old_version)>& found) const;
  bool has_section(GElf_Word type) const;
  bool has_section(std::string_view name) const;
  /// "" for a section that is not there, or too large.
  std::string section_bytes(std::string_view name) const;
  /// By the section's number: does it hold instructions?
  std::vector<bool> code_sections() const;
  std::vector<std::string> needed() const;
  std::string build_id() const;    ///< raw bytes; "" for none
  std::string debug_link() const;  ///< a file's name; "" for none

 private:
  struct End {
    void operator()(Elf* elf) const { ::elf_end(elf); }
  };
  struct Section {
    Elf_Scn* scn;
    GElf_Shdr header;
  };
  ElfReader() = default;
  Result<void> read_header(const std::string& path);
  std::vector<Section> sections(GElf_Word type) const;
  std::optional<Section> section_named(std::string_view name) const;
  /// The section's bytes; nullptr if they are not there or too many.
  Elf_Data* data_of(const Section& section) const;
  /// May so much more be read? libelf keeps all of it until the end, and a small sparse file can
  /// claim any number of large sections.
  bool afford(std::uint64_t bytes) const;
  /// The same of the section that holds this one's names.
  bool afford_strings(const Section& section) const;

  // These go after libelf has let go of them.
  UniqueFd fd_;
  std::unique_ptr<std::string> image_;
  std::unique_ptr<Elf, End> elf_;
  GElf_Ehdr header_{};
  struct stat status_ {};
  /// A symbol table of ten million entries; what claims more is not worth the memory.
  mutable std::uint64_t budget_ = std::uint64_t{256} << 20;
};

}  // namespace kprobed::symbols
