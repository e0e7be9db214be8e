// SPDX-License-Identifier: Apache-2.0
#include "symbols/module_index.h"

#include <algorithm>
#include <unordered_set>

#include "base/text.h"
#include "symbols/module_image.h"

namespace kprobed::symbols {

namespace {

/// A distribution's kernel has some 200,000; files of whatever origin may not take the memory.
constexpr std::size_t kMostFunctions = 4'000'000;

std::uint32_t hash(std::string_view name) {
  // FNV-1a, 64 bits, folded.
  std::uint64_t value = 0xcbf29ce484222325;
  for (const char c : name) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return static_cast<std::uint32_t>(value ^ (value >> 32));
}

}  // namespace

std::string module_of_file(std::string_view path) {
  path.remove_prefix(path.rfind('/') + 1);  // npos + 1 is 0
  const std::size_t end = path.find(".ko");
  if (end == path.npos || end == 0) return {};
  const std::string_view suffix = path.substr(end + 3);
  if (!suffix.empty() && suffix.front() != '.') return {};
  std::string name(path.substr(0, end));
  std::ranges::replace(name, '-', '_');
  return name;
}

std::vector<ModuleFile> parse_modules_dep(std::string_view text, const std::string& folder) {
  std::vector<ModuleFile> files;
  std::unordered_set<std::string> known;
  for (const std::string_view line : split_lines(text)) {
    const std::string_view path = line.substr(0, line.find(':'));
    std::string name = module_of_file(path);
    if (path.size() == line.size() || name.empty() || files.size() == kMostFiles) continue;
    if (!known.insert(name).second) continue;
    files.push_back({std::move(name),
                     path.front() == '/' ? std::string(path) : folder + "/" + std::string(path)});
  }
  return files;
}

ModuleIndex ModuleIndex::build(const std::vector<ModuleFile>& files,
                               const std::atomic<bool>& stop) {
  ModuleIndex index;
  for (std::uint32_t i = 0; i < files.size() && !stop.load(std::memory_order_relaxed); ++i) {
    const auto image = ModuleImage::open(files[i].path);
    if (!image.ok()) {
      if (index.unread_++ == 0) index.why_unread_ = image.error().message;
      continue;
    }
    image->each_function([&index, i](std::string_view name) {
      if (index.entries_.size() < kMostFunctions) index.entries_.emplace_back(hash(name), i);
    });
  }
  std::ranges::sort(index.entries_);
  const auto same = std::ranges::unique(index.entries_);
  index.entries_.erase(same.begin(), same.end());
  index.entries_.shrink_to_fit();
  return index;
}

std::vector<std::uint32_t> ModuleIndex::may_have(std::string_view function) const {
  std::vector<std::uint32_t> files;
  const std::uint32_t wanted = hash(function);
  auto entry = std::ranges::lower_bound(entries_, std::pair(wanted, std::uint32_t{0}));
  for (; entry != entries_.end() && entry->first == wanted; ++entry) files.push_back(entry->second);
  return files;
}

}  // namespace kprobed::symbols
