// SPDX-License-Identifier: Apache-2.0
#include "base/byte_cursor.h"

#include <gtest/gtest.h>

#include <array>

namespace kprobed {
namespace {

std::array<std::byte, 7> bytes() {
  return {std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4},
          std::byte{5}, std::byte{6}, std::byte{7}};
}

TEST(ByteCursor, ReadsInTheGivenOrder) {
  const auto data = bytes();
  std::uint16_t word16 = 0;
  std::uint32_t word32 = 0;
  ByteCursor little(data, ByteOrder::little);
  ASSERT_TRUE(little.read(word16));
  EXPECT_EQ(word16, 0x0201);
  ASSERT_TRUE(little.read(word32));
  EXPECT_EQ(word32, 0x06050403u);
  ByteCursor big(data, ByteOrder::big);
  ASSERT_TRUE(big.read(word16));
  EXPECT_EQ(word16, 0x0102);
  ASSERT_TRUE(big.read(word32));
  EXPECT_EQ(word32, 0x03040506u);
}

TEST(ByteCursor, NeverMovesPastTheEnd) {
  const auto data = bytes();
  ByteCursor cursor(data);
  std::uint64_t word64 = 0;
  EXPECT_FALSE(cursor.read(word64));
  EXPECT_EQ(cursor.left(), 7u);
  EXPECT_TRUE(cursor.skip(7));
  EXPECT_FALSE(cursor.skip(1));
  Bytes none;
  EXPECT_TRUE(cursor.take(0, none));
  EXPECT_FALSE(cursor.take(SIZE_MAX, none));
}

}  // namespace
}  // namespace kprobed
