// SPDX-License-Identifier: Apache-2.0
#include "symbols/module_image.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "base/file.h"
#include "base/format.h"
#include "symbols/decompress.h"

namespace kprobed::symbols {

namespace {

/// What kallsyms or compilers put there and no probe can be meant for.
bool is_label(std::string_view name) {
  return name.empty() || name.front() == '$' || name.front() == '.' || name.starts_with("__pfx_") ||
         name.starts_with("__cfi_");
}

}  // namespace

Result<ModuleImage> ModuleImage::open(const std::string& path) {
  struct stat status {};
  KPROBED_TRY(const UniqueFd fd, ElfReader::open_regular(path, status));
  std::array<char, 6> first{};
  const bool read = ::pread(fd.get(), first.data(), first.size(), 0) == ssize_t{first.size()};
  const Compression how = read ? compression_of({first.data(), first.size()}) : Compression::none;
  if (how == Compression::none) {
    KPROBED_TRY(ElfReader reader, ElfReader::open(path));
    return ModuleImage(std::move(reader));
  }
  KPROBED_TRY(const std::string compressed,
              read_file(format("/proc/self/fd/{}", fd.get()), kMostBytes));
  auto image = decompress(compressed, how, kMostBytes);
  if (!image.ok()) {
    Error error = std::move(image).error();
    error.message = format("'{}': {}", path, error.message);
    return error;
  }
  KPROBED_TRY(ElfReader reader, ElfReader::of_image(std::move(image).value(), path));
  return ModuleImage(std::move(reader));
}

void ModuleImage::each_function(const std::function<void(std::string_view)>& found) const {
  const std::vector<bool> code = reader_.code_sections();
  reader_.each_symbol(SHT_SYMTAB, [&](const GElf_Sym& symbol, std::string_view name, bool) {
    const unsigned type = GELF_ST_TYPE(symbol.st_info);
    const bool may_be = type == STT_FUNC || type == STT_GNU_IFUNC || type == STT_NOTYPE;
    if (!may_be || is_label(name)) return;
    // In files of more than 65,279 sections the number stands elsewhere: then the type must do.
    const bool in_code = symbol.st_shndx == SHN_XINDEX
                             ? type == STT_FUNC
                             : symbol.st_shndx < code.size() && code[symbol.st_shndx];
    if (in_code) found(name);
  });
}

std::string ModuleImage::kernel_release() const {
  const std::string words = reader_.section_bytes(".modinfo");
  constexpr std::string_view kKey = "vermagic=";
  for (std::size_t at = 0; at < words.size();) {
    const std::string_view word(words.c_str() + at);  // each ends in NUL, as the string does
    if (word.starts_with(kKey)) {
      const std::string_view magic = word.substr(kKey.size());
      return std::string(magic.substr(0, magic.find(' ')));
    }
    at += word.size() + 1;
  }
  return {};
}

Result<std::string> ModuleImage::types() const {
  if (reader_.has_section(".BTF.base")) {
    return Error(ErrorCode::unsupported,
                 "its file's C types do not go on from this kernel's, but from a base of their own "
                 "(.BTF.base)");
  }
  std::string bytes = reader_.section_bytes(".BTF");
  if (bytes.empty()) {
    return Error(ErrorCode::unsupported, "its file does not tell its C types (it has no .BTF)");
  }
  return bytes;
}

}  // namespace kprobed::symbols
