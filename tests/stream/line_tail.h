// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace kprobed::stream::test {

/// What the line says from `key` on, without its newline.
inline std::string tail_from(std::string_view key, const std::string& line) {
  const std::size_t at = line.find(key);
  EXPECT_NE(at, line.npos) << line;
  return at == line.npos ? "" : line.substr(at, line.size() - at - 1);
}

}  // namespace kprobed::stream::test
