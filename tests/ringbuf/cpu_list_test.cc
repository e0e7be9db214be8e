// SPDX-License-Identifier: Apache-2.0
#include "ringbuf/cpu_list.h"

#include <gtest/gtest.h>

namespace kprobed::ringbuf {
namespace {

TEST(ParseCpuList, ReadsRangesAndNumbers) {
  struct Row {
    std::string text;
    std::vector<unsigned> cpus;
  };
  const Row rows[] = {
      {"0\n", {0}}, {"0-1\n", {0, 1}},  {"0-3,5", {0, 1, 2, 3, 5}}, {"1,3,6-7\n", {1, 3, 6, 7}},
      {"2-2", {2}}, {"65535", {65535}},
  };
  for (const Row& row : rows) {
    const auto cpus = parse_cpu_list(row.text);
    ASSERT_TRUE(cpus.ok()) << row.text;
    EXPECT_EQ(*cpus, row.cpus) << row.text;
  }
}

TEST(ParseCpuList, RefusesTheRest) {
  for (const std::string text :
       {"",      "\n",  "a",     "-1",           "0-",          "0,",     ",0",
        "0--1",  "0 1", " 0",    "0\n\n",        "3-1",         "0,0",    "2,1",
        "0-3,2", "0x1", "65536", "0-4294967295", "99999999999", "0-1:2/3"}) {
    const auto cpus = parse_cpu_list(text);
    ASSERT_FALSE(cpus.ok()) << text;
    EXPECT_EQ(cpus.error().code, ErrorCode::malformed);
  }
}

}  // namespace
}  // namespace kprobed::ringbuf
