// SPDX-License-Identifier: Apache-2.0
//
// Numbers as text without a division per digit. Each function writes at `at` and returns the new
// end; it may scribble up to kNumberRoom bytes from `at` on. Inlined always: a call costs as much
// as what they do.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__) && defined(__x86_64__)
#include <emmintrin.h>
#endif

#include "base/byte_cursor.h"

namespace kprobed::stream {

/// The longest number has 20 characters; hex is written 16 at a time.
inline constexpr std::size_t kNumberRoom = 24;

namespace digits {

inline constexpr std::uint32_t kBase = 10'000;

/// Text whose first character is the lowest byte.
template <typename T>
[[gnu::always_inline]] inline void put_word(T text, char* at) {
  if constexpr (kHostOrder == ByteOrder::big) text = swap_bytes(text);
  std::memcpy(at, &text, sizeof text);
}

/// "00" to "99". Two digits at a time: a table for four has 40 KB, and is cold whenever the reader
/// has slept.
inline constexpr auto kTwo = [] {
  std::array<char, 200> table{};
  for (std::size_t i = 0; i < 100; ++i) {
    table[2 * i] = static_cast<char>('0' + i / 10);
    table[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return table;
}();

[[gnu::always_inline]] inline std::uint32_t two_digits(std::uint32_t value) {
  std::uint16_t text;
  std::memcpy(&text, &kTwo[2 * value], 2);
  return kHostOrder == ByteOrder::big ? swap_bytes(text) : text;
}

/// The four digits of value < 10^4, the first lowest on little-endian machines.
[[gnu::always_inline]] inline std::uint32_t four_digits(std::uint32_t value) {
  const std::uint32_t high = value / 100;
  return two_digits(high) | two_digits(value - 100 * high) << 16;
}

/// Exactly four digits; value < 10^4.
[[gnu::always_inline]] inline char* put_four(std::uint32_t value, char* at) {
  put_word(four_digits(value), at);
  return at + 4;
}

/// Exactly eight; value < 10^8.
[[gnu::always_inline]] inline char* put_eight(std::uint32_t value, char* at) {
  const std::uint32_t high = value / kBase;
  return put_four(value - high * kBase, put_four(high, at));
}

/// As many as it has; value < 10^8. How many that is comes from comparisons and not from the
/// digits: where the next byte goes must not wait for them.
[[gnu::always_inline]] inline char* put_up_to_eight(std::uint32_t value, char* at) {
  const std::uint32_t high = value / kBase;
  const std::uint32_t first = high != 0 ? high : value;
  const unsigned count =
      1u + unsigned{first >= 10} + unsigned{first >= 100} + unsigned{first >= 1000};
  put_word(four_digits(first) >> (8 * (4 - count)), at);
  at += count;
  return high != 0 ? put_four(value - high * kBase, at) : at;
}

/// The 8 nibbles of `value`, the highest in the first byte of memory, as characters.
inline std::uint64_t hex_of_32(std::uint32_t value) {
  std::uint64_t x = value;
  x = (x | x << 16) & 0x0000ffff0000ffff;
  x = (x | x << 8) & 0x00ff00ff00ff00ff;
  x = (x | x << 4) & 0x0f0f0f0f0f0f0f0f;
  // 10 and more have bit 4 set after 6 was added.
  const std::uint64_t letters = ((x + 0x0606060606060606) >> 4) & 0x0101010101010101;
  x += 0x3030303030303030 + letters * ('a' - '0' - 10);
  return kHostOrder == ByteOrder::little ? swap_bytes(x) : x;
}

/// 16 characters: what every machine can.
inline void put_hex_16_portable(std::uint64_t value, char* at) {
  const std::uint64_t high = hex_of_32(static_cast<std::uint32_t>(value >> 32));
  const std::uint64_t low = hex_of_32(static_cast<std::uint32_t>(value));
  std::memcpy(at, &high, 8);
  std::memcpy(at + 8, &low, 8);
}

[[gnu::always_inline]] inline void put_hex_16(std::uint64_t value, char* at) {
#if defined(__SSE2__) && defined(__x86_64__)
  const __m128i bytes = _mm_cvtsi64_si128(static_cast<long long>(swap_bytes(value)));
  const __m128i mask = _mm_set1_epi8(0x0f);
  const __m128i nibbles =
      _mm_unpacklo_epi8(_mm_and_si128(_mm_srli_epi64(bytes, 4), mask), _mm_and_si128(bytes, mask));
  const __m128i letters =
      _mm_and_si128(_mm_cmpgt_epi8(nibbles, _mm_set1_epi8(9)), _mm_set1_epi8('a' - '0' - 10));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(at),
                   _mm_add_epi8(_mm_add_epi8(nibbles, _mm_set1_epi8('0')), letters));
#else
  put_hex_16_portable(value, at);
#endif
}

}  // namespace digits

[[gnu::always_inline]] inline char* put_unsigned(std::uint64_t value, char* at) {
  constexpr std::uint64_t kEight = 100'000'000;
  if (value < kEight) return digits::put_up_to_eight(static_cast<std::uint32_t>(value), at);
  const std::uint64_t high = value / kEight;
  const auto low = static_cast<std::uint32_t>(value % kEight);
  if (high < kEight) {
    at = digits::put_up_to_eight(static_cast<std::uint32_t>(high), at);
  } else {
    at = digits::put_up_to_eight(static_cast<std::uint32_t>(high / kEight), at);
    at = digits::put_eight(static_cast<std::uint32_t>(high % kEight), at);
  }
  return digits::put_eight(low, at);
}

[[gnu::always_inline]] inline char* put_signed(std::int64_t value, char* at) {
  *at = '-';
  const bool negative = value < 0;
  const auto bits = static_cast<std::uint64_t>(value);
  return put_unsigned(negative ? 0 - bits : bits, at + (negative ? 1 : 0));
}

/// "1f", without "0x".
[[gnu::always_inline]] inline char* put_hex(std::uint64_t value, char* at) {
  const int count = (67 - std::countl_zero(value | 1)) / 4;
  digits::put_hex_16(value << (64 - 4 * count), at);
  return at + count;
}

}  // namespace kprobed::stream
