// SPDX-License-Identifier: Apache-2.0
#include "symbols/kallsyms.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <limits>
#include <tuple>

#include "base/file.h"
#include "base/format.h"
#include "base/text.h"

namespace kprobed::symbols {

namespace {

constexpr std::uint64_t kPage = 4096;

bool is_text_type(char type) { return type == 't' || type == 'T' || type == 'w' || type == 'W'; }

/// Symbols of kernel/kallsyms.c that belong to no module file: get_ksymbol_bpf, get_ksymbol_ftrace_
/// mod, get_ksymbol_kprobe.
bool is_generated(std::string_view module) {
  return module == "bpf" || module.substr(0, 11) == "__builtin__";
}

std::size_t hash(std::string_view name) {
  // FNV-1a, 64 bits.
  std::uint64_t value = 0xcbf29ce484222325;
  for (const char c : name) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return static_cast<std::size_t>(value ^ (value >> 32));
}

/// Marks of the linker script (arch/*/kernel/vmlinux.lds.S) and of objtool: true, but not the
/// function that lives there.
bool is_marker(std::string_view name) {
  const auto begins = [name](std::string_view with) { return name.substr(0, with.size()) == with; };
  const auto ends = [name](std::string_view with) {
    return name.size() >= with.size() && name.substr(name.size() - with.size()) == with;
  };
  return name == "_text" || name == "_stext" || begins("__pfx_") || begins("__cfi_") ||
         begins("__pi_") || begins(".L") || begins("$") || ends("_text_start") ||
         ends("_text_end") || name == "init_module" || name == "cleanup_module";
}

std::size_t leading_underscores(std::string_view name) {
  return std::min(name.find_first_not_of('_'), name.size());
}

/// Reads the hexadecimal number that `line` begins with, and its blank.
bool take_address(std::string_view& line, std::uint64_t& address) {
  address = 0;
  std::size_t at = 0;
  for (; at < line.size() && line[at] != ' '; ++at) {
    const char c = line[at];
    unsigned digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<unsigned>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<unsigned>(c - 'a') + 10;
    } else {
      return false;
    }
    address = address << 4 | digit;
  }
  if (at == 0 || at > 16 || at == line.size()) return false;
  line.remove_prefix(at + 1);
  return true;
}

}  // namespace

Result<Kallsyms> Kallsyms::read(const std::string& path) {
  // Not read_file: to hold all of the 5 to 10 MB first takes as long as to understand them.
  constexpr std::size_t kChunk = std::size_t{64} << 10;
  KPROBED_TRY(const UniqueFd fd, open_file(path, O_RDONLY));
  Kallsyms table;
  std::string text;  // what has been read and not understood: less than a line
  while (text.size() < kChunk) {
    const std::size_t kept = text.size();
    text.resize(kept + kChunk);
    const ssize_t got = ::read(fd.get(), text.data() + kept, kChunk);
    if (got < 0 && errno != EINTR) return system_error(errno, format("read '{}'", path));
    text.resize(kept + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) {
      table.add_lines(text);
      table.index();
      return table;
    }
    const std::size_t end = text.rfind('\n') + 1;  // 0 if there is none
    table.add_lines(std::string_view(text).substr(0, end));
    text.erase(0, end);
  }
  return Error(ErrorCode::malformed, format("'{}' has a line that does not end", path));
}

Kallsyms Kallsyms::parse(std::string_view text) {
  Kallsyms table;
  table.add_lines(text);
  table.index();
  return table;
}

void Kallsyms::add_lines(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = std::min(text.find('\n'), text.size());
    add_line(text.substr(0, length));
    text.remove_prefix(std::min(length + 1, text.size()));
  }
}

void Kallsyms::index() {
  blob_.shrink_to_fit();
  entries_.shrink_to_fit();
  index_names();
  index_text(find_limits());
}

bool Kallsyms::add_line(std::string_view line) {
  Entry entry{};
  if (!take_address(line, entry.address)) return false;
  if (line.size() < 3 || line[1] != ' ') return false;
  entry.type = line[0];
  line.remove_prefix(2);
  const std::size_t tab = std::min(line.find('\t'), line.size());
  const std::string_view name = line.substr(0, tab);
  line.remove_prefix(tab);
  if (name.empty() || name.find('\0') != std::string_view::npos) return false;
  if (!line.empty()) {
    if (line.size() < 4 || line[1] != '[' || line.back() != ']') return false;
    entry.module = module_index(line.substr(2, line.size() - 3));
  }
  if (blob_.size() + name.size() >= std::numeric_limits<std::uint32_t>::max()) return false;
  entry.name = static_cast<std::uint32_t>(blob_.size());
  blob_ += name;
  blob_ += '\0';
  entries_.push_back(entry);
  return true;
}

std::uint16_t Kallsyms::module_index(std::string_view name) {
  // A module's symbols stand together.
  if (modules_.back().name == name) return static_cast<std::uint16_t>(modules_.size() - 1);
  for (std::size_t i = 1; i < modules_.size(); ++i) {
    if (modules_[i].name == name) return static_cast<std::uint16_t>(i);
  }
  if (modules_.size() <= std::numeric_limits<std::uint16_t>::max()) {
    modules_.push_back({std::string(name), is_generated(name), 0});
  }
  return static_cast<std::uint16_t>(modules_.size() - 1);
}

void Kallsyms::index_names() {
  by_name_.assign(std::bit_ceil(entries_.size() + entries_.size() / 2 + 1), 0);
  for (Index i = 0; i < entries_.size(); ++i) {
    std::size_t slot = hash(name_of(entries_[i])) & (by_name_.size() - 1);
    while (by_name_[slot] != 0) slot = (slot + 1) & (by_name_.size() - 1);
    by_name_[slot] = i + 1;
  }
}

TextNames::Limits Kallsyms::find_limits() {
  const auto address_of = [this](std::string_view name) -> std::uint64_t {
    const auto found = find(name, "");
    return found.empty() ? 0 : found.front().address;
  };
  // How long a module's last function is, nobody says: up to the end of its page and one more. The
  // kernel checks again when the probe is registered.
  for (const Entry& entry : entries_) {
    if (entry.module == 0 || !is_text_type(entry.type) || entry.address == 0) continue;
    std::uint64_t& end = modules_[entry.module].text_end;
    end = std::max(end, (entry.address | (kPage - 1)) + 1 + kPage);
  }
  modules_[0].text_end = address_of("_etext");
  return {.text_begin = address_of("_stext"),
          .init_begin = address_of("_sinittext"),
          .init_end = address_of("_einittext")};
}

void Kallsyms::index_text(const TextNames::Limits& limits) {
  std::vector<Index> text;
  text.reserve(entries_.size());
  for (Index i = 0; i < entries_.size(); ++i) {
    if (is_text_type(entries_[i].type) && entries_[i].address != 0) text.push_back(i);
  }
  const auto by_address = [this](Index a, Index b) {
    return entries_[a].address < entries_[b].address;
  };
  // Already so but for the modules.
  if (!std::ranges::is_sorted(text, by_address)) std::ranges::stable_sort(text, by_address);
  text_entries_.reserve(text.size());
  for (const Index i : text) {
    const bool same =
        !text_entries_.empty() && entries_[text_entries_.back()].address == entries_[i].address;
    if (!same) {
      text_entries_.push_back(i);
    } else if (better_name(i, text_entries_.back())) {
      text_entries_.back() = i;
    }
  }
  text_entries_.shrink_to_fit();
  auto names = std::make_shared<TextNames>(modules_, limits);
  names->reserve(text_entries_.size());
  for (const Index i : text_entries_) {
    names->add(entries_[i].address, name_of(entries_[i]), entries_[i].module);
  }
  names->shrink();
  text_ = std::move(names);
}

bool Kallsyms::better_name(Index a, Index b) const {
  const auto worth = [this](Index i) {
    const Entry& entry = entries_[i];
    const std::string_view name = name_of(entry);
    const bool global = entry.type != 't';
    return std::tuple(is_unique(name), !is_marker(name), global,
                      -static_cast<std::ptrdiff_t>(leading_underscores(name)));
  };
  return worth(a) > worth(b);
}

bool Kallsyms::is_unique(std::string_view name) const {
  std::size_t count = 0;
  std::size_t slot = hash(name) & (by_name_.size() - 1);
  for (; by_name_[slot] != 0 && count < 2; slot = (slot + 1) & (by_name_.size() - 1)) {
    if (name_of(entries_[by_name_[slot] - 1]) == name) ++count;
  }
  return count == 1;
}

std::vector<resolve::Symbol> Kallsyms::find(std::string_view name, std::string_view module) const {
  std::vector<resolve::Symbol> found;
  std::size_t slot = hash(name) & (by_name_.size() - 1);
  for (; by_name_[slot] != 0; slot = (slot + 1) & (by_name_.size() - 1)) {
    const Entry& entry = entries_[by_name_[slot] - 1];
    const TextNames::Home& home = modules_[entry.module];
    if (home.generated || name_of(entry) != name) continue;
    if (module.empty() || home.name == module) found.push_back(symbol_of(entry));
  }
  return found;
}

std::optional<resolve::Symbol> Kallsyms::text_symbol_at(std::uint64_t address) const {
  const std::optional<std::size_t> holder = text_->holder_of(address);
  if (!holder || text_->home_at(*holder).generated) return std::nullopt;
  return symbol_of(entries_[text_entries_[*holder]]);
}

bool Kallsyms::in_text(std::uint64_t address) const {
  const std::optional<std::size_t> holder = text_->holder_of(address);
  return holder && !text_->home_at(*holder).generated;
}

std::uint64_t Kallsyms::end_of(std::uint64_t address) const {
  const std::optional<std::size_t> holder = text_->holder_of(address);
  return holder ? text_->end_at(*holder) : 0;
}

bool Kallsyms::has_module(std::string_view module) const {
  return std::any_of(modules_.begin() + 1, modules_.end(),
                     [module](const TextNames::Home& candidate) {
                       return candidate.name == module && !candidate.generated;
                     });
}

std::vector<std::string> Kallsyms::similar(std::string_view name, std::size_t limit) const {
  // The kernel's own variants of a function ("name.isra.0", "name.part.0") come first, then slips
  // of the finger: one in short names, up to three in long ones.
  const std::size_t slips = std::clamp<std::size_t>(name.size() / 4, 1, 3);
  std::vector<std::pair<std::size_t, std::string_view>> near;  // distance, name
  for (const Entry& entry : entries_) {
    if (!is_text_type(entry.type) || modules_[entry.module].generated) continue;
    const std::string_view candidate = name_of(entry);
    const bool variant = candidate.size() > name.size() + 1 && candidate[name.size()] == '.' &&
                         candidate.substr(0, name.size()) == name;
    const std::size_t distance = variant ? 0 : edit_distance(name, candidate, slips);
    if (candidate != name && distance <= slips) near.emplace_back(distance, candidate);
  }
  std::ranges::sort(near);
  near.erase(std::unique(near.begin(), near.end()), near.end());
  std::vector<std::string> names;
  for (const auto& [distance, candidate] : near) {
    if (names.size() == limit) break;
    names.emplace_back(candidate);
  }
  return names;
}

std::vector<resolve::Symbol> Kallsyms::matching(const std::string& pattern,
                                                std::string_view module) const {
  // fnmatch is slow: the letters before the first special one rule most names out.
  const std::string_view prefix =
      std::string_view(pattern).substr(0, pattern.find_first_of("*?[\\"));
  std::vector<Index> found;
  for (Index i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    const TextNames::Home& home = modules_[entry.module];
    if (!is_text_type(entry.type) || home.generated) continue;
    if (!module.empty() && home.name != module) continue;
    const std::string_view name = name_of(entry);
    if (name.substr(0, prefix.size()) != prefix) continue;
    if (::fnmatch(pattern.c_str(), name.data(), 0) == 0) found.push_back(i);
  }
  // By address; of the names of one place the best one that matches. Hidden addresses are all 0.
  std::ranges::stable_sort(found, [this](Index a, Index b) {
    if (entries_[a].address != entries_[b].address)
      return entries_[a].address < entries_[b].address;
    return entries_[a].address != 0 && better_name(a, b);
  });
  const auto same_place = [this](Index a, Index b) {
    return entries_[a].address != 0 && entries_[a].address == entries_[b].address;
  };
  found.erase(std::unique(found.begin(), found.end(), same_place), found.end());
  std::vector<resolve::Symbol> symbols;
  symbols.reserve(found.size());
  for (const Index i : found) symbols.push_back(symbol_of(entries_[i]));
  return symbols;
}

resolve::Symbol Kallsyms::symbol_of(const Entry& entry) const {
  return {std::string(name_of(entry)), modules_[entry.module].name, entry.address, entry.type};
}

}  // namespace kprobed::symbols
