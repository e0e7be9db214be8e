// SPDX-License-Identifier: Apache-2.0
#include "symbols/binary_places.h"

#include <elf.h>
#include <fcntl.h>
#include <glob.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "base/byte_cursor.h"
#include "base/file.h"
#include "base/format.h"
#include "base/text.h"
#include "symbols/x86_code.h"

namespace kprobed::symbols {

namespace {

using Candidates = std::vector<const ElfSymbol*>;

constexpr std::size_t kNamesInHints = 5;

bool runs_on(const ElfFile& file, const arch::ArchAbi& abi) {
  if (file.big_endian() != (abi.byte_order == ByteOrder::big)) return false;
  if (file.word_bytes() > abi.word_bytes) return false;
  return abi.elf_machine == 0 || file.machine() == abi.elf_machine ||
         (abi.elf_machine_32 != 0 && file.machine() == abi.elf_machine_32);
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

Candidates named(const ElfFile& file, std::string_view name) {
  Candidates found;
  for (const ElfSymbol& symbol : file.symbols()) {
    if (file.name(symbol) == name) found.push_back(&symbol);
  }
  return found;
}

/// The names of functions of this file that `distance` accepts, the smallest first.
template <typename Distance>
std::vector<std::string> nearest(const ElfFile& file, Distance distance) {
  std::vector<std::pair<std::size_t, std::string_view>> near;
  for (const ElfSymbol& symbol : file.symbols()) {
    if (symbol.imported || symbol.chosen_at_start) continue;
    const std::optional<std::size_t> how_far = distance(file.name(symbol));
    if (how_far) near.emplace_back(*how_far, file.name(symbol));
  }
  std::ranges::sort(near);
  near.erase(std::unique(near.begin(), near.end()), near.end());
  std::vector<std::string> names;
  for (const auto& [how_far, name] : near) {
    if (names.size() == kNamesInHints) break;
    names.emplace_back(name);
  }
  return names;
}

/// What a slip of the finger misses by little.
std::vector<std::string> similar(const ElfFile& file, std::string_view name) {
  const std::size_t slips = std::clamp<std::size_t>(name.size() / 4, 1, 3);
  return nearest(file, [&](std::string_view candidate) -> std::optional<std::size_t> {
    const std::size_t distance = edit_distance(name, candidate, slips);
    return distance <= slips ? std::optional(distance) : std::nullopt;
  });
}

/// "__memcpy_avx_unaligned" for memcpy: what a chooser chooses from is mostly called so.
std::vector<std::string> variants(const ElfFile& file, std::string_view name) {
  const std::string inside = format("_{}_", name);
  return nearest(file, [&](std::string_view candidate) -> std::optional<std::size_t> {
    if (candidate.find(inside) == std::string_view::npos) return std::nullopt;
    return candidate.size();
  });
}

/// The first library in the usual folders with one of those file names that has the symbol.
std::string library_with(const ElfFile& user, std::string_view symbol) {
  for (const std::string& name : user.needed()) {
    if (name.find_first_of("/*?[{\\") != std::string::npos) continue;
    for (const std::string& where : {"/usr/lib/*-linux-gnu*/" + name, "/usr/lib64/" + name,
                                     "/usr/lib/" + name, "/usr/local/lib/" + name}) {
      glob_t matches{};
      std::string path;
      if (::glob(where.c_str(), GLOB_NOSORT, nullptr, &matches) == 0) {
        for (char* match : std::span(matches.gl_pathv, matches.gl_pathc)) {
          const Result<ElfFile> library = ElfFile::open(match, "");
          if (!library.ok() || library->machine() != user.machine()) continue;
          if (library->word_bytes() != user.word_bytes()) continue;
          const Candidates found = named(*library, symbol);
          const auto defined = [](const ElfSymbol* s) { return !s->imported; };
          if (path.empty() && std::ranges::any_of(found, defined)) path = match;
        }
      }
      ::globfree(&matches);
      if (!path.empty()) return path;
    }
  }
  return {};
}

Error imported(const ElfFile& file, std::string_view name) {
  Error error(
      ErrorCode::symbol_not_found,
      format("'{}' only calls '{}': the function itself is in a library", file.path(), name));
  const std::string library = library_with(file, name);
  if (!library.empty()) {
    error.hint = format("probe it there: {}:{}", library, name);
  } else if (!file.needed().empty()) {
    error.hint = format("it loads {}", joined(file.needed()));
  } else {
    error.hint = "probe it in the library that has it";
  }
  return error;
}

Error not_found(const ElfFile& file, std::string_view name) {
  Error error(ErrorCode::symbol_not_found, format("'{}' has no function '{}'", file.path(), name));
  const std::vector<std::string> near = similar(file, name);
  const auto defined = [](const ElfSymbol& symbol) { return !symbol.imported; };
  if (!near.empty()) {
    error.hint = "did you mean " + joined(near) + "?";
  } else if (std::ranges::none_of(file.symbols(), defined)) {
    error.hint =
        "it is stripped: install its debug symbols, or give the place in the file: PATH:0x1234";
  } else {
    error.hint =
        "static functions need its debug symbols; a place in the file works too: PATH:0x1234";
  }
  return error;
}

Error chosen_at_start(const ElfFile& file, std::string_view name) {
  Error error(ErrorCode::unsupported,
              format("'{}' in '{}' is chosen when a program starts (IFUNC): what is called is "
                     "another function",
                     name, file.path()));
  const std::vector<std::string> near = variants(file, name);
  error.hint = near.empty() ? "its debug symbols name the functions that it is chosen from"
                            : "probe the one that this machine takes: " + joined(near);
  return error;
}

Error not_unique(const ElfFile& file, std::string_view name, const Candidates& found) {
  std::vector<std::string> offsets;
  for (const ElfSymbol* symbol : found) {
    if (offsets.size() == kNamesInHints) break;
    offsets.push_back(hex(file.file_offset_of(symbol->address).value_or(0)));
  }
  return Error(ErrorCode::symbol_not_unique,
               format("'{}' has {} functions '{}'", file.path(), found.size(), name))
      .with_hint(format("say which by its place in the file: {}:OFFSET with {}", file.path(),
                        joined(offsets)));
}

/// The one address that `name` stands for.
Result<const ElfSymbol*> choose(const ElfFile& file, std::string_view name) {
  Candidates found = named(file, name);
  if (found.empty()) return not_found(file, name);
  std::erase_if(found, [](const ElfSymbol* symbol) { return symbol->imported; });
  if (found.empty()) return imported(file, name);
  const auto old = [](const ElfSymbol* symbol) { return symbol->old_version; };
  if (!std::ranges::all_of(found, old)) std::erase_if(found, old);
  // Sorted by address, as all symbols are; .symtab and .dynsym often have both the same one.
  const auto same_place = [](const ElfSymbol* a, const ElfSymbol* b) {
    return a->address == b->address;
  };
  found.erase(std::unique(found.begin(), found.end(), same_place), found.end());
  if (found.size() > 1) return not_unique(file, name, found);
  if (found.front()->chosen_at_start) return chosen_at_start(file, name);
  return found.front();
}

/// The kernel sets a uprobe wherever it is told (kernel/events/uprobes.c), also into the middle of
/// an instruction: then the program does something else. Nothing is said where it cannot be told:
/// data among the code, other machines.
Result<void> check_boundary(const ElfFile& file, const arch::ArchAbi& abi, const ElfSymbol& holder,
                            std::uint64_t address) {
  constexpr std::uint64_t kFarthest = std::uint64_t{1} << 20;
  constexpr std::size_t kLongest = 15;  // x86's longest instruction
  const std::uint64_t distance = address - holder.address;
  const auto begin = file.file_offset_of(holder.address);
  if (abi.instructions != arch::InstructionSet::x86 || !begin || distance == 0 ||
      distance > kFarthest) {
    return {};
  }
  const Result<UniqueFd> fd = open_file(file.path(), O_RDONLY | O_NONBLOCK | O_NOCTTY);
  const Result<X86Decoder> decoder = X86Decoder::open(file.word_bytes());
  if (!fd.ok() || !decoder.ok()) return {};
  std::vector<std::byte> code(static_cast<std::size_t>(distance) + kLongest);
  const ssize_t got = ::pread(fd->get(), code.data(), code.size(), static_cast<off_t>(*begin));
  if (got < static_cast<ssize_t>(distance)) return {};
  code.resize(static_cast<std::size_t>(got));
  std::size_t at = 0, before = 0;
  while (at < distance) {
    const std::uint32_t bytes = decoder->length(Bytes(code).subspan(at));
    if (bytes == 0) return {};
    before = at;
    at += bytes;
  }
  if (at == distance) return {};
  const std::string_view name = file.name(holder);
  return Error(
             ErrorCode::bad_address,
             format("'{}'+{} in '{}' is inside an instruction; the nearest ones begin at {}+{} and "
                    "{}+{}",
                    name, distance, file.path(), name, before, name, at))
      .with_hint("a probe there would break the program");
}

}  // namespace

Result<resolve::BinaryPlace> find_binary_place(const ElfFile& file, const arch::ArchAbi& abi,
                                               std::string_view symbol, std::uint64_t offset) {
  if (!runs_on(file, abi)) {
    return Error(ErrorCode::malformed,
                 format("'{}' is a program for another kind of machine", file.path()))
        .with_hint(format("this one is {}", abi.name));
  }
  const ElfSymbol* asked = nullptr;
  std::optional<std::uint64_t> address, file_offset;
  if (symbol.empty()) {
    address = file.address_of(offset);
    if (address) file_offset = offset;
  } else {
    KPROBED_TRY(asked, choose(file, symbol));
    address = asked->address + offset;
    if (*address >= offset) file_offset = file.file_offset_of(*address);
  }
  if (!file_offset) {
    return Error(ErrorCode::bad_address,
                 symbol.empty()
                     ? format("{} in '{}' is not code", hex(offset), file.path())
                     : format("'{}'+{} in '{}' is not code", symbol, hex(offset), file.path()))
        .with_hint("only what is loaded to be executed can be probed: see readelf -l");
  }
  resolve::BinaryPlace place;
  place.file_offset = *file_offset;
  place.device = file.device();
  place.inode = file.inode();
  place.word_bytes = file.word_bytes();
  const ElfSymbol* holder = file.holder_of(*address);
  // A function has several names; the one that was asked for is as good as any.
  if (asked != nullptr && (holder == nullptr || holder->address == asked->address)) holder = asked;
  if (holder != nullptr) {
    KPROBED_TRY_VOID(check_boundary(file, abi, *holder, *address));
    place.symbol = file.name(*holder);
    place.offset = *address - holder->address;
    place.at_entry = place.offset == 0;
  }
  return place;
}

}  // namespace kprobed::symbols
