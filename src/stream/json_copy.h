// SPDX-License-Identifier: Apache-2.0
//
// Copying into a line: literals by blocks, and text that mostly needs no escaping.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace kprobed::stream {

/// Literals are copied in blocks of so many bytes: both ends need so much room behind them.
inline constexpr std::size_t kBlock = 32;

/// `from` may be read, and `at` written, up to kBlock - 1 bytes further.
[[gnu::always_inline]] inline char* put_blocks(const char* from, std::size_t bytes, char* at) {
  std::memcpy(at, from, kBlock);
  for (std::size_t done = kBlock; done < bytes; done += kBlock)
    std::memcpy(at + done, from + done, kBlock);
  return at + bytes;
}

/// One byte becomes at most so many: \u001f.
inline constexpr std::size_t kEscapedBytes = 6;

/// Is each of the eight bytes one that may stand in a JSON string as it is (RFC 8259, 7)? Only
/// ASCII; anything else is looked at closer by others.
[[gnu::always_inline]] inline bool all_plain(std::uint64_t eight) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHigh = 0x8080808080808080;
  const auto zero_in = [](std::uint64_t x) { return (x - kOnes) & ~x; };
  const std::uint64_t control = (eight - kOnes * 0x20) & ~eight;
  return ((eight | control | zero_in(eight ^ kOnes * '"') | zero_in(eight ^ kOnes * '\\')) &
          kHigh) == 0;
}

/// Copies `text` if all of it is plain; else null, and what was written means nothing. Neither end
/// is touched beyond text.size() bytes: `text` may be the last of a mapping.
[[gnu::always_inline]] inline char* put_if_plain(std::string_view text, char* at) {
  const char* from = text.data();
  const std::size_t bytes = text.size();
  if (bytes >= 8) {
    std::uint64_t eight;
    std::size_t done = 0;
    for (; done + 8 <= bytes; done += 8) {
      std::memcpy(&eight, from + done, 8);
      if (!all_plain(eight)) return nullptr;
      std::memcpy(at + done, &eight, 8);
    }
    // The rest, and some of what went before it once more.
    std::memcpy(&eight, from + bytes - 8, 8);
    if (!all_plain(eight)) return nullptr;
    std::memcpy(at + bytes - 8, &eight, 8);
    return at + bytes;
  }
  std::uint64_t eight = 0x2020202020202020;
  if (bytes >= 4) {
    std::uint32_t first, last;
    std::memcpy(&first, from, 4);
    std::memcpy(&last, from + bytes - 4, 4);
    eight = std::uint64_t{first} << 32 | last;
    std::memcpy(at, &first, 4);
    std::memcpy(at + bytes - 4, &last, 4);
  } else {
    for (std::size_t i = 0; i < bytes; ++i) {
      eight = eight << 8 | static_cast<unsigned char>(from[i]);
      at[i] = from[i];
    }
  }
  return all_plain(eight) ? at + bytes : nullptr;
}

/// `text` escaped as inside a JSON string; kEscapedBytes of room for each byte, and 8. Invalid
/// UTF-8 bytes become U+FFFD, and `valid` false.
char* put_escaped(std::string_view text, char* at, bool& valid);

}  // namespace kprobed::stream
