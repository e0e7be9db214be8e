// SPDX-License-Identifier: Apache-2.0
//
// A small ELF file made by hand: one executable segment, symbol tables, a build id. For what no
// compiler can be asked to make: imports that are also missing, broken headers, other machines.
#pragma once

#include <elf.h>

#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kprobed::symbols {

struct ImageSymbol {
  std::string name;
  Elf64_Addr address = 0;
  Elf64_Xword size = 0;
  unsigned type = STT_FUNC;
  bool defined = true;
  bool old_version = false;  ///< .dynsym only
};

struct ElfImage {
  static constexpr Elf64_Addr kCodeAddress = 0x401000;
  static constexpr Elf64_Off kCodeOffset = 0x1000;
  static constexpr Elf64_Xword kCodeBytes = 0x1000;

  Elf64_Half type = ET_DYN, machine = EM_X86_64;
  unsigned char data = ELFDATA2LSB;
  std::vector<ImageSymbol> symtab, dynsym;
  std::vector<std::pair<std::string, std::string>> sections_besides;  ///< name, bytes
  bool code_section = false;  ///< section 1, where symbols are defined, is said to be code
  bool code_in_file = true;   ///< false: a debug file, whose segment has no bytes
  std::string build_id = "0123456789abcdef";
  std::string debug_link;
  std::vector<std::string> needed;

  std::string bytes() const {
    std::string file(kCodeOffset + kCodeBytes, '\0');
    std::vector<Elf64_Shdr> sections(1);
    std::string names(1, '\0');
    const auto add = [&](const char* name, Elf64_Word section_type, std::string_view content,
                         Elf64_Word link, Elf64_Xword entry) {
      Elf64_Shdr header{};
      header.sh_name = static_cast<Elf64_Word>(names.size());
      header.sh_type = section_type;
      header.sh_offset = file.size();
      header.sh_size = content.size();
      header.sh_link = link;
      header.sh_entsize = entry;
      header.sh_addralign = 8;
      sections.push_back(header);
      names += name;
      names += '\0';
      file += content;
      file.resize((file.size() + 7) / 8 * 8);
      return static_cast<Elf64_Word>(sections.size() - 1);
    };
    if (code_section) {
      add(".text", SHT_PROGBITS, "code", 0, 0);
      sections.back().sh_flags = SHF_ALLOC | SHF_EXECINSTR;
    }
    const auto add_symbols = [&](const char* name, const char* string_name, Elf64_Word kind,
                                 const std::vector<ImageSymbol>& symbols) {
      std::string entries(sizeof(Elf64_Sym), '\0'), strings(1, '\0');
      std::string versions(2, '\0');
      for (const ImageSymbol& symbol : symbols) {
        Elf64_Sym entry{};
        entry.st_name = static_cast<Elf64_Word>(strings.size());
        entry.st_info = static_cast<unsigned char>(ELF64_ST_INFO(STB_GLOBAL, symbol.type));
        entry.st_shndx = symbol.defined ? 1 : SHN_UNDEF;
        entry.st_value = symbol.address;
        entry.st_size = symbol.size;
        entries += raw(entry);
        strings += symbol.name + '\0';
        versions += raw(static_cast<Elf64_Half>(symbol.old_version ? 0x8002 : 2));
      }
      const Elf64_Word string_section = add(string_name, SHT_STRTAB, strings, 0, 0);
      const Elf64_Word table = add(name, kind, entries, string_section, sizeof(Elf64_Sym));
      if (kind == SHT_DYNSYM) add(".gnu.version", SHT_GNU_versym, versions, table, 2);
    };
    if (!symtab.empty()) add_symbols(".symtab", ".strtab", SHT_SYMTAB, symtab);
    if (!dynsym.empty()) add_symbols(".dynsym", ".dynstr", SHT_DYNSYM, dynsym);
    if (!build_id.empty()) {
      const Elf64_Nhdr note{4, static_cast<Elf64_Word>(build_id.size()), NT_GNU_BUILD_ID};
      add(".note.gnu.build-id", SHT_NOTE, raw(note) + std::string("GNU\0", 4) + build_id, 0, 0);
    }
    if (!debug_link.empty()) {
      add(".gnu_debuglink", SHT_PROGBITS, debug_link + std::string(8, '\0'), 0, 0);
    }
    if (!needed.empty()) {
      std::string strings(1, '\0'), entries;
      for (const std::string& library : needed) {
        entries += raw(Elf64_Dyn{DT_NEEDED, {strings.size()}});
        strings += library + '\0';
      }
      entries += raw(Elf64_Dyn{DT_NULL, {0}});
      const Elf64_Word string_section = add(".needed", SHT_STRTAB, strings, 0, 0);
      add(".dynamic", SHT_DYNAMIC, entries, string_section, sizeof(Elf64_Dyn));
    }
    for (const auto& [name, content] : sections_besides) {
      add(name.c_str(), SHT_PROGBITS, content, 0, 0);
    }
    const auto name_section = static_cast<Elf64_Half>(sections.size());
    const std::string last_name = ".shstrtab";
    add(last_name.c_str(), SHT_STRTAB, names + last_name + '\0', 0, 0);

    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = data;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = type;
    header.e_machine = machine;
    header.e_version = EV_CURRENT;
    header.e_phoff = sizeof header;
    header.e_shoff = file.size();
    header.e_ehsize = sizeof header;
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_phnum = 2;
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shnum = static_cast<Elf64_Half>(sections.size());
    header.e_shstrndx = name_section;
    for (const Elf64_Shdr& section : sections) file += raw(section);
    Elf64_Phdr code{}, constants{};
    code.p_type = constants.p_type = PT_LOAD;
    code.p_flags = PF_R | PF_X;
    code.p_vaddr = kCodeAddress;
    code.p_offset = kCodeOffset;
    code.p_memsz = kCodeBytes;
    code.p_filesz = code_in_file ? kCodeBytes : 0;
    constants.p_flags = PF_R;
    constants.p_vaddr = 0x400000;
    constants.p_memsz = constants.p_filesz = kCodeOffset;
    file.replace(0, sizeof header, raw(header));
    file.replace(sizeof header, sizeof code, raw(code));
    file.replace(sizeof header + sizeof code, sizeof constants, raw(constants));
    return file;
  }

 private:
  template <typename T>
  static std::string raw(const T& value) {
    std::string bytes(sizeof value, '\0');
    std::memcpy(bytes.data(), &value, sizeof value);
    return bytes;
  }
};

}  // namespace kprobed::symbols
