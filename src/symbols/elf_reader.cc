// SPDX-License-Identifier: Apache-2.0
#include "symbols/elf_reader.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/file.h"
#include "base/format.h"

namespace kprobed::symbols {

namespace {

Error not_elf(const std::string& path, std::string_view why) {
  return Error(ErrorCode::malformed, format("'{}' {}", path, why))
      .with_hint("name an ELF program or shared library");
}

}  // namespace

Result<UniqueFd> ElfReader::open_regular(const std::string& path, struct stat& status) {
  // O_PATH calls no driver: to open a device or a pipe may do something (/dev/watchdog), and
  // whoever may only ask the daemon to check a spec may name any path.
  Result<UniqueFd> where = open_file(path, O_PATH);
  if (!where.ok()) {
    const int err = where.error().sys_errno;
    if (err == ENOENT || err == ENOTDIR) {
      return Error(ErrorCode::not_found, format("there is no file '{}'", path));
    }
    return std::move(where).error();
  }
  if (::fstat(where->get(), &status) != 0) {
    return system_error(errno, format("stat '{}'", path));
  }
  if (S_ISDIR(status.st_mode)) return not_elf(path, "is a directory");
  if (!S_ISREG(status.st_mode)) return not_elf(path, "is not a regular file");
  // Also what proc and tracefs make up while it is read, and take from other readers.
  if (status.st_size == 0) return not_elf(path, "is empty");
  Result<UniqueFd> fd =
      open_file(format("/proc/self/fd/{}", where->get()), O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!fd.ok()) return system_error(fd.error().sys_errno, format("open '{}'", path));
  return fd;
}

Result<ElfReader> ElfReader::open(const std::string& path) {
  ElfReader reader;
  KPROBED_TRY(reader.fd_, open_regular(path, reader.status_));
  ::elf_version(EV_CURRENT);
  // Not ELF_C_READ_MMAP: a mapped file that is cut meanwhile ends the program with SIGBUS.
  reader.elf_.reset(::elf_begin(reader.fd_.get(), ELF_C_READ, nullptr));
  KPROBED_TRY_VOID(reader.read_header(path));
  return reader;
}

Result<ElfReader> ElfReader::of_image(std::string image, const std::string& path) {
  ElfReader reader;
  reader.image_ = std::make_unique<std::string>(std::move(image));
  ::elf_version(EV_CURRENT);
  reader.elf_.reset(::elf_memory(reader.image_->data(), reader.image_->size()));
  KPROBED_TRY_VOID(reader.read_header(path));
  return reader;
}

Result<void> ElfReader::read_header(const std::string& path) {
  if (!elf_ || ::elf_kind(elf_.get()) != ELF_K_ELF ||
      ::gelf_getehdr(elf_.get(), &header_) == nullptr) {
    return not_elf(path, "is not an ELF file");
  }
  return {};
}

void ElfReader::each_segment(const std::function<void(const GElf_Phdr&)>& found) const {
  std::size_t count = 0;
  if (::elf_getphdrnum(elf_.get(), &count) != 0) return;
  GElf_Phdr segment;
  for (std::size_t i = 0; i < count; ++i) {
    if (::gelf_getphdr(elf_.get(), static_cast<int>(i), &segment) == nullptr) return;
    found(segment);
  }
}

void ElfReader::each_symbol(
    GElf_Word section_type,
    const std::function<void(const GElf_Sym&, std::string_view, bool)>& found) const {
  for (const Section& table : sections(section_type)) {
    Elf_Data* entries = data_of(table);
    const std::size_t entry_bytes = ::gelf_fsize(elf_.get(), ELF_T_SYM, 1, EV_CURRENT);
    if (entries == nullptr || entry_bytes == 0 || !afford_strings(table)) continue;
    Elf_Data* versions = nullptr;
    for (const Section& section : sections(SHT_GNU_versym)) {
      if (section.header.sh_link == ::elf_ndxscn(table.scn)) versions = data_of(section);
    }
    const auto count = static_cast<int>(entries->d_size / entry_bytes);
    GElf_Sym symbol;
    for (int i = 1; i < count; ++i) {  // [0] is none
      if (::gelf_getsym(entries, i, &symbol) == nullptr) break;
      const char* name = ::elf_strptr(elf_.get(), table.header.sh_link, symbol.st_name);
      if (name == nullptr || *name == '\0') continue;
      GElf_Versym version = 0;
      const bool hidden = versions != nullptr &&
                          ::gelf_getversym(versions, i, &version) != nullptr &&
                          (version & 0x8000) != 0;  // VERSYM_HIDDEN, the ABI's symbol versioning
      found(symbol, name, hidden);
    }
  }
}

bool ElfReader::has_section(GElf_Word type) const { return !sections(type).empty(); }

bool ElfReader::has_section(std::string_view name) const { return section_named(name).has_value(); }

std::string ElfReader::section_bytes(std::string_view name) const {
  const std::optional<Section> section = section_named(name);
  const Elf_Data* data = section ? data_of(*section) : nullptr;
  return data == nullptr ? std::string()
                         : std::string(static_cast<const char*>(data->d_buf), data->d_size);
}

std::vector<bool> ElfReader::code_sections() const {
  std::vector<bool> code(1);  // [0] is none
  Elf_Scn* scn = nullptr;
  GElf_Shdr header;
  while ((scn = ::elf_nextscn(elf_.get(), scn)) != nullptr) {
    if (::gelf_getshdr(scn, &header) == nullptr) break;
    code.push_back((header.sh_flags & SHF_EXECINSTR) != 0);
  }
  return code;
}

std::vector<std::string> ElfReader::needed() const {
  std::vector<std::string> names;
  for (const Section& section : sections(SHT_DYNAMIC)) {
    Elf_Data* entries = data_of(section);
    if (entries == nullptr || !afford_strings(section)) continue;
    GElf_Dyn entry;
    for (int i = 0; ::gelf_getdyn(entries, i, &entry) != nullptr && entry.d_tag != DT_NULL; ++i) {
      if (entry.d_tag != DT_NEEDED) continue;
      const char* name = ::elf_strptr(elf_.get(), section.header.sh_link,
                                      static_cast<std::size_t>(entry.d_un.d_val));
      if (name != nullptr) names.emplace_back(name);
    }
  }
  return names;
}

std::string ElfReader::build_id() const {
  for (const Section& section : sections(SHT_NOTE)) {
    Elf_Data* notes = data_of(section);
    if (notes == nullptr) continue;
    GElf_Nhdr note;
    std::size_t name_at = 0, text_at = 0;
    for (std::size_t at = 0; (at = ::gelf_getnote(notes, at, &note, &name_at, &text_at)) > 0;) {
      const char* bytes = static_cast<const char*>(notes->d_buf);
      const std::string_view owner(bytes + name_at, note.n_namesz);
      if (note.n_type == NT_GNU_BUILD_ID && owner == std::string_view("GNU\0", 4)) {
        return std::string(bytes + text_at, note.n_descsz);
      }
    }
  }
  return {};
}

std::string ElfReader::debug_link() const {
  const std::string text = section_bytes(".gnu_debuglink");
  return text.substr(0, text.find('\0'));
}

std::vector<ElfReader::Section> ElfReader::sections(GElf_Word type) const {
  std::vector<Section> found;
  Section section{};
  while ((section.scn = ::elf_nextscn(elf_.get(), section.scn)) != nullptr) {
    if (::gelf_getshdr(section.scn, &section.header) == nullptr) break;
    if (section.header.sh_type == type) found.push_back(section);
  }
  return found;
}

std::optional<ElfReader::Section> ElfReader::section_named(std::string_view name) const {
  std::size_t strings = 0;
  if (::elf_getshdrstrndx(elf_.get(), &strings) != 0) return std::nullopt;
  Section section{};
  while ((section.scn = ::elf_nextscn(elf_.get(), section.scn)) != nullptr) {
    if (::gelf_getshdr(section.scn, &section.header) == nullptr) break;
    const char* its = ::elf_strptr(elf_.get(), strings, section.header.sh_name);
    if (its != nullptr && name == its) return section;
  }
  return std::nullopt;
}

bool ElfReader::afford(std::uint64_t bytes) const {
  if (bytes > budget_) return false;
  budget_ -= bytes;
  return true;
}

bool ElfReader::afford_strings(const Section& section) const {
  Elf_Scn* strings = ::elf_getscn(elf_.get(), section.header.sh_link);
  GElf_Shdr header;
  return strings != nullptr && ::gelf_getshdr(strings, &header) != nullptr &&
         afford(header.sh_size);
}

Elf_Data* ElfReader::data_of(const Section& section) const {
  if (!afford(section.header.sh_size)) return nullptr;
  Elf_Data* data = ::elf_getdata(section.scn, nullptr);
  return data == nullptr || data->d_buf == nullptr ? nullptr : data;
}

}  // namespace kprobed::symbols
