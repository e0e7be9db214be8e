// SPDX-License-Identifier: Apache-2.0
//
// The only way to walk bytes that came from elsewhere: every step is checked, copied by memcpy
// (perf's raw data is misaligned: KERNEL-FACTS trap 7) and converted from the given byte order.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace kprobed {

using Bytes = std::span<const std::byte>;

enum class ByteOrder : std::uint8_t { little, big };

inline constexpr ByteOrder kHostOrder =
    std::endian::native == std::endian::little ? ByteOrder::little : ByteOrder::big;

template <std::integral T>
constexpr T swap_bytes(T value) {
  if constexpr (sizeof(T) == 1)
    return value;
  else if constexpr (sizeof(T) == 2)
    return static_cast<T>(__builtin_bswap16(static_cast<std::uint16_t>(value)));
  else if constexpr (sizeof(T) == 4)
    return static_cast<T>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
  else
    return static_cast<T>(__builtin_bswap64(static_cast<std::uint64_t>(value)));
}

/// Reads a T at `at`; the caller has checked that [at, at + sizeof(T)) lies inside.
template <std::integral T>
T load(const std::byte* at, ByteOrder order) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return order == kHostOrder ? value : swap_bytes(value);
}

class ByteCursor {
 public:
  explicit ByteCursor(Bytes bytes, ByteOrder order = kHostOrder) : bytes_(bytes), order_(order) {}

  /// Reads a T and moves on. False (and nothing moved) if not enough bytes are left.
  template <std::integral T>
  [[nodiscard]] bool read(T& out) {
    if (left() < sizeof(T)) return false;
    out = load<T>(bytes_.data() + at_, order_);
    at_ += sizeof(T);
    return true;
  }

  /// Hands out the next `count` bytes and moves on. False if fewer are left.
  [[nodiscard]] bool take(std::size_t count, Bytes& out) {
    if (left() < count) return false;
    out = bytes_.subspan(at_, count);
    at_ += count;
    return true;
  }

  [[nodiscard]] bool skip(std::size_t count) {
    Bytes unused;
    return take(count, unused);
  }

  std::size_t left() const { return bytes_.size() - at_; }

 private:
  Bytes bytes_;
  std::size_t at_ = 0;
  ByteOrder order_;
};

}  // namespace kprobed
