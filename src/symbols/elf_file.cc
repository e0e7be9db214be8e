// SPDX-License-Identifier: Apache-2.0
#include "symbols/elf_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <limits>

#include "base/format.h"
#include "symbols/elf_reader.h"

namespace kprobed::symbols {

namespace {

std::uint64_t nanoseconds(const timespec& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(time.tv_nsec);
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

/// Where distributions and gdb put the symbols that were stripped from `path`.
std::vector<std::string> debug_files(const ElfReader& file, const std::string& path,
                                     const std::string& debug_folder) {
  std::vector<std::string> places;
  const std::string id = file.build_id();
  if (id.size() < 2) return places;
  std::string digits;
  for (const char c : id) digits += format("{:02x}", static_cast<unsigned char>(c));
  places.push_back(
      format("{}/.build-id/{}/{}.debug", debug_folder, digits.substr(0, 2), digits.substr(2)));
  const std::string link = file.debug_link();
  if (!link.empty() && link.find('/') == std::string::npos) {
    const std::string folder = folder_of(path);
    for (const std::string& where : {folder, folder + "/.debug", debug_folder + folder}) {
      places.push_back(where + "/" + link);
    }
  }
  return places;
}

/// uprobes are set on what a name stands for: a function, or assembly that nobody gave a type.
bool may_be_code(const GElf_Sym& symbol) {
  const unsigned type = GELF_ST_TYPE(symbol.st_info);
  return type == STT_FUNC || type == STT_GNU_IFUNC || type == STT_NOTYPE;
}

}  // namespace

Result<ElfFile> ElfFile::open(const std::string& path, const std::string& debug_folder) {
  KPROBED_TRY(const ElfReader reader, ElfReader::open(path));
  ElfFile file;
  file.path_ = path;
  const struct stat& status = reader.status();
  file.identity_ = {status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size),
                    nanoseconds(status.st_mtim)};
  const GElf_Ehdr& header = reader.header();
  file.word_bytes_ = header.e_ident[EI_CLASS] == ELFCLASS32 ? 4 : 8;
  file.machine_ = header.e_machine;
  file.big_endian_ = header.e_ident[EI_DATA] == ELFDATA2MSB;
  if (header.e_type != ET_EXEC && header.e_type != ET_DYN) {
    return Error(ErrorCode::malformed, format("'{}' is no program and no shared library", path))
        .with_hint("object files and core dumps are not what runs");
  }
  reader.each_segment([&file](const GElf_Phdr& segment) {
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_X) == 0) return;
    // Addresses and offsets near the end of the number range belong to no real file.
    const std::uint64_t last = std::numeric_limits<std::uint64_t>::max() - segment.p_filesz;
    if (segment.p_vaddr > last || segment.p_offset > last) return;
    if (segment.p_offset + segment.p_filesz > file.identity_.size) return;
    file.code_.push_back({segment.p_vaddr, segment.p_offset, segment.p_filesz});
  });

  if (reader.has_section(SHT_SYMTAB)) {
    file.add_symbols(reader, SHT_SYMTAB);
  } else {
    for (const std::string& place : debug_files(reader, path, debug_folder)) {
      const Result<ElfReader> debug = ElfReader::open(place);
      if (!debug.ok() || debug->build_id() != reader.build_id()) continue;
      file.add_symbols(*debug, SHT_SYMTAB);
      break;
    }
  }
  file.add_symbols(reader, SHT_DYNSYM);
  file.sort_symbols();
  file.needed_ = reader.needed();
  return file;
}

void ElfFile::add_symbols(const ElfReader& from, std::uint32_t section_type) {
  from.each_symbol(section_type, [this](const GElf_Sym& raw, std::string_view name, bool old) {
    if (!may_be_code(raw)) return;
    ElfSymbol symbol;
    symbol.imported = raw.st_shndx == SHN_UNDEF;
    if (!symbol.imported && !file_offset_of(raw.st_value)) return;
    if (names_.size() + name.size() >= std::numeric_limits<std::uint32_t>::max()) return;
    symbol.address = symbol.imported ? 0 : raw.st_value;
    symbol.size = raw.st_size;
    symbol.chosen_at_start = GELF_ST_TYPE(raw.st_info) == STT_GNU_IFUNC;
    // The static linker writes "name@@DEFAULT" and "name@OLD" into .symtab.
    const std::size_t version = name.find('@');
    symbol.old_version =
        old || (version != std::string_view::npos && name.substr(version, 2) != "@@");
    symbol.name = static_cast<std::uint32_t>(names_.size());
    names_ += name.substr(0, version);
    names_ += '\0';
    symbols_.push_back(symbol);
  });
}

void ElfFile::sort_symbols() {
  std::ranges::stable_sort(symbols_, {}, &ElfSymbol::address);
  symbols_.shrink_to_fit();
  names_.shrink_to_fit();
}

bool ElfFile::is_current() const {
  struct stat now {};
  if (::stat(path_.c_str(), &now) != 0) return false;
  return identity_ == Identity{now.st_dev, now.st_ino, static_cast<std::uint64_t>(now.st_size),
                               nanoseconds(now.st_mtim)};
}

std::optional<std::uint64_t> ElfFile::file_offset_of(std::uint64_t address) const {
  for (const Segment& segment : code_) {
    if (address >= segment.address && address - segment.address < segment.bytes) {
      return segment.file_offset + (address - segment.address);
    }
  }
  return std::nullopt;
}

std::optional<std::uint64_t> ElfFile::address_of(std::uint64_t file_offset) const {
  for (const Segment& segment : code_) {
    if (file_offset >= segment.file_offset && file_offset - segment.file_offset < segment.bytes) {
      return segment.address + (file_offset - segment.file_offset);
    }
  }
  return std::nullopt;
}

const ElfSymbol* ElfFile::holder_of(std::uint64_t address) const {
  // Labels without a size stand inside of functions that have one: those are better names. Not
  // looked for any further back than this.
  constexpr int kLabels = 64;
  auto at = std::ranges::upper_bound(symbols_, address, {}, &ElfSymbol::address);
  const ElfSymbol* label = nullptr;
  for (int i = 0; i < kLabels && at != symbols_.begin(); ++i) {
    const ElfSymbol& symbol = *--at;
    if (symbol.imported) break;
    if (address - symbol.address < symbol.size) return &symbol;
    if (symbol.size == 0 && label == nullptr) label = &symbol;
    // A function that ended before the address: so did the label inside of it, and all before.
    if (symbol.size != 0) {
      const bool inside = label != nullptr && label->address - symbol.address < symbol.size;
      return inside ? nullptr : label;
    }
  }
  return label;
}

}  // namespace kprobed::symbols
