// SPDX-License-Identifier: Apache-2.0
#include "tracefs/groups.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

namespace kprobed::tracefs {
namespace {

TEST(RunGroup, ReadsItsOwnNamesAndNoOthers) {
  struct Row {
    const char* group;
    std::optional<RunOwner> owner;
  };
  const Row rows[] = {
      {"kprobed_run_1_0", RunOwner{1, 0}},
      {"kprobed_run_4711_2998155", RunOwner{4711, 2998155}},
      {"kprobed_run_2147483647_18446744073709551615", RunOwner{2147483647, UINT64_MAX}},
      {"kprobed_run_2147483648_1", std::nullopt},
      {"kprobed_run_1_18446744073709551616", std::nullopt},
      {"kprobed_run_0_1", std::nullopt},
      {"kprobed_run_-1_1", std::nullopt},
      {"kprobed_run_+1_1", std::nullopt},
      {"kprobed_run_01_1", std::nullopt},
      {"kprobed_run_1_01", std::nullopt},
      {"kprobed_run_1_", std::nullopt},
      {"kprobed_run__1", std::nullopt},
      {"kprobed_run_1", std::nullopt},
      {"kprobed_run_1_2_3", std::nullopt},
      {"kprobed_run_1x_2", std::nullopt},
      {"kprobed_run_0x1_2", std::nullopt},
      {"kprobed_run", std::nullopt},
      {"kprobed", std::nullopt},
      {"xkprobed_run_1_2", std::nullopt},
      {"", std::nullopt},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(parse_run_group(row.group), row.owner) << row.group;
    if (row.owner) {
      EXPECT_EQ(run_group(*row.owner), row.group);
    }
  }
}

TEST(RunGroup, IsANameTheKernelTakes) {
  // 63 bytes at most (MAX_EVENT_NAME_LEN, include/linux/trace_events.h).
  EXPECT_LE(run_group({INT32_MAX, UINT64_MAX}).size(), 63u);
}

TEST(StartTime, IsField22WhateverCommHolds) {
  const std::string tail =
      " S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 298155 20 21 18446744073709551615";
  struct Row {
    std::string stat;
    std::optional<std::uint64_t> start_time;
  };
  const Row rows[] = {
      {"42 (bash)" + tail + "\n", 298155},
      {"42 (a b)" + tail, 298155},
      {"42 (a) S 1 2 (b)" + tail, 298155},
      {"42 ())" + tail, 298155},
      {"42 ()" + tail, 298155},
      {"42 bash" + tail, std::nullopt},
      {"42 (bash) S 1 2 3", std::nullopt},
      {"42 (bash) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 x", std::nullopt},
      {"42 (bash) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 -1", std::nullopt},
      {"", std::nullopt},
  };
  for (const Row& row : rows) EXPECT_EQ(parse_start_time(row.stat), row.start_time) << row.stat;
}

TEST(Alive, KnowsOurselvesAndNotAPidUsedAgain) {
  const auto self = own_identity();
  ASSERT_TRUE(self.ok());
  EXPECT_EQ(self->pid, ::getpid());
  EXPECT_TRUE(alive(*self));
  EXPECT_FALSE(alive({self->pid, self->start_time + 1}));
}

TEST(Alive, IsNotAZombie) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) ::_exit(0);
  siginfo_t ended;
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT), 0);
  const auto stat = read_file("/proc/" + std::to_string(child) + "/stat");
  ASSERT_TRUE(stat.ok());
  const auto start_time = parse_start_time(*stat);
  ASSERT_TRUE(start_time.has_value());
  EXPECT_FALSE(alive({child, *start_time}));
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
}

TEST(Alive, IsNotAProcessThatWasReaped) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) ::_exit(0);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_FALSE(alive({child, 1}));
}

}  // namespace
}  // namespace kprobed::tracefs
