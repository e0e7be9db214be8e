// SPDX-License-Identifier: Apache-2.0
#include "symbols/kernel_lists.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/text.h"

namespace kprobed::symbols {

namespace {

std::optional<std::uint64_t> read_address(std::string_view digits) {
  if (digits.substr(0, 2) == "0x") digits.remove_prefix(2);
  std::uint64_t address = 0;
  const char* end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, address, 16);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return address;
}

}  // namespace

TraceableList::TraceableList(std::string text) : text_(std::move(text)) {
  for (const std::string_view line : split_lines(text_)) {
    const std::string_view name = line.substr(0, line.find(' '));
    if (!name.empty()) names_.push_back(name);
  }
  std::ranges::sort(names_);
}

bool TraceableList::contains(std::string_view name) const {
  return std::ranges::binary_search(names_, name);
}

std::optional<Blacklist> Blacklist::parse(std::string_view text) {
  Blacklist list;
  bool hidden = false;
  for (const std::string_view line : split_lines(text)) {
    const std::string_view range = line.substr(0, line.find('\t'));
    const std::size_t dash = range.find('-');
    if (dash == std::string_view::npos) continue;
    const auto begin = read_address(range.substr(0, dash));
    const auto end = read_address(range.substr(dash + 1));
    if (!begin || !end) continue;
    if (*begin == 0) {
      hidden = true;
    } else if (*begin < *end) {
      list.ranges_.push_back({*begin, *end});
    }
  }
  if (hidden && list.ranges_.empty()) return std::nullopt;
  // Ranges may nest (a function inside of .kprobes.text): each then ends with the widest before it.
  std::ranges::sort(list.ranges_, {}, &Range::begin);
  for (std::size_t i = 1; i < list.ranges_.size(); ++i) {
    const Range& before = list.ranges_[i - 1];
    if (before.end > list.ranges_[i].begin) {
      list.ranges_[i].end = std::max(list.ranges_[i].end, before.end);
    }
  }
  return list;
}

bool Blacklist::contains(std::uint64_t address) const {
  const auto above = std::ranges::upper_bound(ranges_, address, {}, &Range::begin);
  return above != ranges_.begin() && address < std::prev(above)->end;
}

std::optional<std::vector<std::uint64_t>> parse_probe_list(std::string_view text) {
  std::vector<std::uint64_t> addresses;
  bool hidden = false;
  for (const std::string_view line : split_lines(text)) {
    const auto address = read_address(line.substr(0, line.find(' ')));
    if (!address) continue;
    if (*address == 0) {
      hidden = true;
    } else {
      addresses.push_back(*address);
    }
  }
  if (hidden && addresses.empty()) return std::nullopt;
  std::ranges::sort(addresses);
  return addresses;
}

}  // namespace kprobed::symbols
