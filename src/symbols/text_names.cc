// SPDX-License-Identifier: Apache-2.0
#include "symbols/text_names.h"

#include <algorithm>

namespace kprobed::symbols {

void TextNames::reserve(std::size_t symbols) {
  addresses_.reserve(symbols);
  name_at_.reserve(symbols);
  home_at_.reserve(symbols);
}

void TextNames::add(std::uint64_t address, std::string_view name, std::uint16_t home) {
  addresses_.push_back(address);
  name_at_.push_back(static_cast<std::uint32_t>(names_.size()));
  home_at_.push_back(home);
  names_ += name;
  names_ += '\0';
}

void TextNames::shrink() {
  addresses_.shrink_to_fit();
  name_at_.shrink_to_fit();
  home_at_.shrink_to_fit();
  names_.shrink_to_fit();
}

std::optional<std::size_t> TextNames::holder_of(std::uint64_t address) const {
  const auto above = std::ranges::upper_bound(addresses_, address);
  if (above == addresses_.begin()) return std::nullopt;
  const auto position = static_cast<std::size_t>(above - addresses_.begin()) - 1;
  if (address >= home_at(position).text_end) return std::nullopt;
  if (home_at_[position] == 0) {
    if (address < limits_.text_begin) return std::nullopt;
    // Freed after boot (free_initmem); some linker scripts have it inside _stext.._etext.
    if (address >= limits_.init_begin && address < limits_.init_end) return std::nullopt;
  }
  return position;
}

std::uint64_t TextNames::end_at(std::size_t position) const {
  const std::uint64_t limit = home_at(position).text_end;
  if (position + 1 == addresses_.size()) return limit;
  return std::min(addresses_[position + 1], limit);
}

TextNames::Place TextNames::place_of(std::uint64_t address) const {
  const std::optional<std::size_t> holder = holder_of(address);
  if (!holder) return {};
  const std::uint64_t begin = addresses_[*holder];
  return {&names_[name_at_[*holder]], address - begin, end_at(*holder) - begin,
          home_at(*holder).name};
}

}  // namespace kprobed::symbols
