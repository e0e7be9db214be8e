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

/// Lowest `bits` of every lane that is `lane` bits wide.
template <typename Word>
inline constexpr Word lanes(unsigned lane, Word bits) {
  Word all = 0;
  for (unsigned at = 0; at < 8 * sizeof(Word); at += lane) all |= bits << at;
  return all;
}

/// Lanes of 32 bits, each a number below 10^4, as four digits each; in lanes of 8 bits, the first
/// digit lowest. Divisions are multiplications (5243 / 2^19 and 103 / 2^10 are exact enough here),
/// made in all lanes at once; what one lane leaves in its neighbour is masked away. No table: it
/// would be cold whenever the reader has slept.
template <typename Word>
[[gnu::always_inline]] inline Word digits_of_lanes(Word numbers) {
  const Word hundreds = numbers * 5243 >> 19 & lanes<Word>(32, 0x7f);
  const Word pairs = (numbers << 16) - hundreds * ((100 << 16) - 1);
  const Word tens = pairs * 103 >> 10 & lanes<Word>(16, 0x0f);
  return (pairs << 8) - tens * ((10 << 8) - 1) + lanes<Word>(8, '0');
}

/// The eight digits of value < 10^8, the first lowest.
[[gnu::always_inline]] inline std::uint64_t eight_digits(std::uint32_t value) {
  const std::uint64_t high = value / kBase;
  return digits_of_lanes((std::uint64_t{value} << 32) - high * ((std::uint64_t{kBase} << 32) - 1));
}

/// Exactly four digits; value < 10^4.
[[gnu::always_inline]] inline char* put_four(std::uint32_t value, char* at) {
  put_word(digits_of_lanes(value), at);
  return at + 4;
}

/// Exactly eight; value < 10^8.
[[gnu::always_inline]] inline char* put_eight(std::uint32_t value, char* at) {
  put_word(eight_digits(value), at);
  return at + 8;
}

/// By the place of a number's highest bit: added to the number, its length stands in the upper 32
/// bits (numbers with that bit have one of two lengths, and the longer ones carry).
inline constexpr auto kLengths = [] {
  std::array<std::uint64_t, 32> table{};
  for (unsigned bit = 0; bit < table.size(); ++bit) {
    std::uint64_t length = 1, power = 10;  // of 2^bit, and the first number that is longer
    for (; power <= std::uint64_t{1} << bit; power *= 10) ++length;
    const bool one_length = power >= std::uint64_t{2} << bit;
    table[bit] = one_length ? length << 32 : ((length + 1) << 32) - power;
  }
  return table;
}();

/// How many digits `value` has. Not found from the digits: where the next byte goes must not wait
/// for them.
[[gnu::always_inline]] inline unsigned length_of(std::uint32_t value) {
  const auto bit = static_cast<unsigned>(std::bit_width(value | 1) - 1);
  return static_cast<unsigned>((value + kLengths[bit]) >> 32);
}

/// As many as it has; value < 10^8. Numbers of up to four digits are most of what there is, and
/// cost half.
[[gnu::always_inline]] inline char* put_up_to_eight(std::uint32_t value, char* at) {
  const unsigned length = length_of(value);
  if (value < kBase)
    put_word(digits_of_lanes(value) >> (-8 * length & 31), at);
  else
    put_word(eight_digits(value) >> (-8 * length & 63), at);
  return at + length;
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
