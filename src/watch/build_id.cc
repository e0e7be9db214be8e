// SPDX-License-Identifier: Apache-2.0
#include "watch/build_id.h"

#include <elf.h>

#include <array>
#include <cstring>

#include "base/file.h"
#include "base/format.h"

namespace kprobed::watch {

std::optional<std::string> parse_build_id(std::string_view notes) {
  const auto padded = [](std::uint64_t size) { return (size + 3) & ~std::uint64_t{3}; };
  while (notes.size() >= sizeof(Elf64_Nhdr)) {
    Elf64_Nhdr head;  // that of 32-bit ELF has the same layout
    std::memcpy(&head, notes.data(), sizeof head);
    notes.remove_prefix(sizeof head);
    const std::uint64_t name = padded(head.n_namesz), text = padded(head.n_descsz);
    if (name > notes.size() || head.n_descsz > notes.size() - name) return std::nullopt;
    const bool gnu = notes.substr(0, head.n_namesz) == std::string_view("GNU\0", 4);
    if (gnu && head.n_type == NT_GNU_BUILD_ID && head.n_descsz != 0) {
      std::string id;
      for (const char byte : notes.substr(static_cast<std::size_t>(name), head.n_descsz)) {
        id += format("{:02x}", static_cast<unsigned char>(byte));
      }
      return id;
    }
    notes.remove_prefix(
        static_cast<std::size_t>(std::min<std::uint64_t>(name + text, notes.size())));
  }
  return std::nullopt;
}

std::optional<std::string> read_build_id(std::string_view name, const std::string& sysfs_modules) {
  if (name.empty() || name.find('/') != name.npos || name.front() == '.') return std::nullopt;
  constexpr std::size_t kMostBytes = 4096;
  const auto notes =
      read_file(format("{}/{}/notes/.note.gnu.build-id", sysfs_modules, name), kMostBytes);
  return notes.ok() ? parse_build_id(*notes) : std::nullopt;
}

}  // namespace kprobed::watch
