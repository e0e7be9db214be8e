// SPDX-License-Identifier: Apache-2.0
//
// Small questions about text that several rooms ask.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kprobed {

/// The whole of `text` as an unsigned number the way the kernel's kstrtoul(base 0) reads it: 0x
/// hex, leading 0 octal, else decimal. No sign, no blanks. nullopt for anything else, and on
/// overflow.
std::optional<std::uint64_t> parse_number(std::string_view text);

/// Words separated by blanks and tabs.
std::vector<std::string_view> split_words(std::string_view text);

/// Lines without their '\n'; a trailing newline makes no empty last line.
std::vector<std::string_view> split_lines(std::string_view text);

std::string_view trim(std::string_view text);

/// [A-Za-z_][A-Za-z0-9_]*, what the kernel takes as event and argument name.
bool is_identifier(std::string_view text);

/// "0x1f"
std::string hex(std::uint64_t value);

/// "1,234,567"
std::string with_thousands(std::uint64_t value);

/// Number of single-character insertions, deletions, replacements and swaps of neighbours between
/// the two; stops counting and returns limit + 1 once it must exceed `limit`.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit);

/// The length (1 to 4) of the valid UTF-8 sequence that `text` begins with; 0 if it is not valid.
std::size_t utf8_sequence(std::string_view text);

/// U+FFFD in UTF-8: what stands for a byte that is not text.
inline constexpr std::string_view kReplacement = "\xef\xbf\xbd";

/// `text` as valid UTF-8: every invalid byte becomes U+FFFD.
std::string to_valid_utf8(std::string_view text);

}  // namespace kprobed
