// SPDX-License-Identifier: Apache-2.0
//
// What the C type of a format file's field tells: "unsigned long", "const char *", "__data_loc
// u64[]". Spelled as the tracepoint's author did, so that typedefs are just words.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace kprobed::decode {

/// Bytes of a number of that type; nullopt for one whose size only C knows (a typedef, a struct).
/// `word_bytes` is that of the kernel's long.
std::optional<std::uint8_t> type_bytes(std::string_view type, std::uint8_t word_bytes);

/// The same where it does not depend on the kernel's word.
std::optional<std::uint8_t> type_bytes(std::string_view type);

/// char, whose arrays are text; not u8 and unsigned char, whose arrays are numbers.
bool is_char(std::string_view type);

/// "u64" of "__data_loc u64[]", "char" of "__data_loc char[][2]" and "__rel_loc const char[]".
std::string_view data_loc_element(std::string_view type);

}  // namespace kprobed::decode
