// SPDX-License-Identifier: Apache-2.0
#include "watch/build_id.h"

#include <gtest/gtest.h>

namespace kprobed::watch {
namespace {

using namespace std::string_literals;

std::string note(std::string name, std::string type, std::string text) {
  const auto size = [](const std::string& part) {
    return std::string(1, static_cast<char>(part.size())) + "\0\0\0"s;
  };
  const auto padded = [](std::string part) {
    part.resize((part.size() + 3) / 4 * 4, '\0');
    return part;
  };
  return size(name) + size(text) + type + padded(name) + padded(text);
}

TEST(BuildId, OutOfNotes) {
  const std::string id = note("GNU\0"s, "\3\0\0\0"s, "\x01\xab\xff");
  const std::string abi = note("GNU\0"s, "\1\0\0\0"s, "1234");
  struct Row {
    std::string notes;
    std::optional<std::string> id;
  };
  const Row rows[] = {
      {id, "01abff"},
      {abi + id, "01abff"},
      {note("Linux\0"s, "\3\0\0\0"s, "x") + id, "01abff"},
      {abi, std::nullopt},
      {"", std::nullopt},
      {note("GNU\0"s, "\3\0\0\0"s, ""), std::nullopt},
      // Damaged: lengths that lead outside.
      {id.substr(0, id.size() - 2), std::nullopt},
      {"\xff\xff\xff\xff\xff\xff\xff\xff\3\0\0\0"s, std::nullopt},
      {"\4\0\0\0\xff\xff\xff\xff\3\0\0\0GNU\0"s, std::nullopt},
      {id.substr(0, 11), std::nullopt},
  };
  for (const Row& row : rows) EXPECT_EQ(parse_build_id(row.notes), row.id);
}

TEST(BuildId, ANameIsNoPath) {
  for (const char* name : {"", "..", ".", "a/b", "/etc"}) {
    EXPECT_EQ(read_build_id(name, "/sys/module"), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace kprobed::watch
