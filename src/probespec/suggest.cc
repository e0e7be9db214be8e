// SPDX-License-Identifier: Apache-2.0
#include "probespec/suggest.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/text.h"
#include "probespec/spec.h"
#include "probespec/token.h"

namespace kprobed::probespec {
namespace {

struct Alias {
  std::string_view written;
  std::string_view meant;
};

/// '#' stands for the number.
constexpr std::array<std::string_view, 10> kWords = {
    "a#", "r#", "s#", "rv", "rp", "$arg#", "$stack#", "$stack", "$retval", "$comm"};

/// Names of 2009's later patches (v4 to v14) and of habit.
constexpr Alias kWordAliases[] = {{"ra", "rp"},       {"$ra", "rp"},      {"$rp", "rp"},
                                  {"$rv", "$retval"}, {"ret", "$retval"}, {"$ret", "$retval"},
                                  {"sa", "$stack"},   {"$sa", "$stack"},  {"$sp", "$stack"}};

/// What C, Linux and other tools call the types of this language.
constexpr Alias kTypeAliases[] = {
    {"unsigned", "uint"}, {"size_t", "ulong"},   {"ssize_t", "long"}, {"loff_t", "s64"},
    {"pid_t", "int"},     {"uchar", "u8"},       {"schar", "s8"},     {"int8_t", "s8"},
    {"int16_t", "s16"},   {"int32_t", "s32"},    {"int64_t", "s64"},  {"uint8_t", "u8"},
    {"uint16_t", "u16"},  {"uint32_t", "u32"},   {"uint64_t", "u64"}, {"u128", "u64"},
    {"s128", "s64"},      {"x128", "x64"},       {"pointer", "ptr"},  {"void*", "ptr"},
    {"hex", "x64"},       {"_bool", "bool"},     {"boolean", "bool"}, {"sym", "symbol"},
    {"ksym", "symbol"},   {"ksymbol", "symbol"}, {"str", "string"},   {"char*", "string"},
    {"ustr", "ustring"},  {"dentry", "%pd"},     {"file", "%pD"}};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view find_alias(std::string_view text, std::span<const Alias> aliases) {
  for (const Alias& alias : aliases) {
    if (alias.written == text) return alias.meant;
  }
  return {};
}

}  // namespace

std::string_view nearest(std::string_view text, std::span<const std::string_view> candidates) {
  // Of two letters every other word is a neighbour; names of C variables must not match by chance.
  std::size_t best = text.size() < 3 ? 0 : text.size() < 6 ? 1 : 2;
  std::string_view found;
  const std::string typed = lower(text);
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(typed, candidate, best);
    if (distance > best || (distance == best && !found.empty())) continue;
    best = distance;
    found = candidate;
  }
  return found;
}

std::string suggest_word(std::string_view text) {
  std::size_t digits = text.size();
  while (digits > 0 && is_digit(text[digits - 1])) --digits;
  const std::string_view number = text.substr(digits);
  if (const auto meant = find_alias(text, kWordAliases); !meant.empty()) return std::string(meant);

  // A word with a number was meant to have one: compare those with "$arg#", the others with
  // "$comm".
  std::array<std::string_view, kWords.size()> same_kind;
  const auto end = std::copy_if(kWords.begin(), kWords.end(), same_kind.begin(),
                                [&](auto word) { return (word.back() == '#') == !number.empty(); });
  const std::string stem = std::string(text.substr(0, digits)) + (number.empty() ? "" : "#");
  std::string meant(nearest(stem, {same_kind.begin(), end}));
  if (!meant.empty() && meant.back() == '#') meant.replace(meant.size() - 1, 1, number);
  return meant;
}

std::string_view suggest_type(std::string_view text) {
  const std::string typed = lower(text);
  std::string_view plain = typed;
  if (plain.substr(0, 2) == "__") plain.remove_prefix(2);
  if (const auto meant = find_alias(plain, kTypeAliases); !meant.empty()) return meant;

  std::array<std::string_view, kBaseTypes.size()> words;
  std::transform(kBaseTypes.begin(), kBaseTypes.end(), words.begin(),
                 [](BaseType type) { return word(type); });
  return nearest(plain, words);
}

}  // namespace kprobed::probespec
