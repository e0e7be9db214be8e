// SPDX-License-Identifier: Apache-2.0
//
// Numbers into the end of a line. Nothing here allocates while `out` has capacity, which is why it
// is not fmt.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace kprobed::stream {

/// Decimal, with '-' where negative.
template <std::integral T>
void append_number(T value, std::string& out) {
  char text[20];  // both -9223372036854775808 and 18446744073709551615 have 20 characters
  const auto end = std::to_chars(text, text + sizeof text, value);
  out.append(text, end.ptr);
}

/// "0x1f", as the kernel's "0x%llx".
inline void append_hex(std::uint64_t value, std::string& out) {
  char text[16];
  const auto end = std::to_chars(text, text + sizeof text, value, 16);
  out.append("0x").append(text, end.ptr);
}

/// The last `digits` (at most 20) decimal digits of `value`, zeros in front.
inline void append_padded(std::uint64_t value, std::size_t digits, std::string& out) {
  char text[20];
  for (std::size_t i = digits; i-- > 0; value /= 10) text[i] = static_cast<char>('0' + value % 10);
  out.append(text, digits);
}

/// Two hexadecimal digits.
inline void append_byte(char byte, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(byte);
  out += kDigits[value >> 4];
  out += kDigits[value & 15];
}

}  // namespace kprobed::stream
