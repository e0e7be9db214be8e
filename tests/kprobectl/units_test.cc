// SPDX-License-Identifier: Apache-2.0
#include "kprobectl/units.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

namespace kprobed::kprobectl {
namespace {

using std::chrono::milliseconds;

TEST(Units, Durations) {
  const struct {
    const char* text;
    std::int64_t ms;
  } rows[] = {
      {"500ms", 500},  {"1ms", 1},        {"10s", 10'000},   {"10", 10'000},
      {"5m", 300'000}, {"5min", 300'000}, {"1h", 3'600'000}, {"87600h", 315'360'000'000},
  };
  for (const auto& row : rows)
    EXPECT_EQ(parse_duration(row.text), milliseconds(row.ms)) << row.text;
}

TEST(Units, NoDurations) {
  for (const char* text : {"", "0", "0s", "-1s", "s", "10 s", "10S", "1d", "1.5s", "87601h", "0x10",
                           "99999999999999999999s", "18446744073709551615h"}) {
    EXPECT_THROW(parse_duration(text), CLI::ValidationError) << text;
  }
}

TEST(Units, Counts) {
  EXPECT_EQ(parse_count("1"), 1u);
  EXPECT_EQ(parse_count("18446744073709551615"), UINT64_MAX);
  for (const char* text :
       {"", "0", "-1", "+1", " 1", "1 ", "1e3", "1k", "0x10", "abc", "18446744073709551616"}) {
    EXPECT_THROW(parse_count(text), CLI::ValidationError) << text;
  }
}

TEST(Units, RingSizes) {
  const struct {
    const char* text;
    std::size_t bytes;
  } rows[] = {
      {"64K", 65536}, {"64k", 65536}, {"65536", 65536}, {"2M", 2097152}, {"64M", 67108864},
  };
  for (const auto& row : rows) EXPECT_EQ(parse_ring_size(row.text), row.bytes) << row.text;
}

TEST(Units, NoRingSizes) {
  for (const char* text : {"", "K", "32K", "128M", "3M", "65537", "-64K", "64 K", "64KB", "1G", "0",
                           "0M", "18446744073709551615M", "99999999999999999999"}) {
    EXPECT_THROW(parse_ring_size(text), CLI::ValidationError) << text;
  }
}

TEST(Units, DurationsForPeople) {
  const struct {
    std::uint64_t ms;
    const char* text;
  } rows[] = {
      {0, "0ms"},
      {999, "999ms"},
      {1000, "1s"},
      {1499, "1s"},
      {1500, "2s"},
      {59'499, "59s"},
      {59'500, "1m"},
      {599'998, "10m"},
      {599'000, "9m 59s"},
      {3'600'000, "1h"},
      {3'601'000, "1h"},
      {11'520'000, "3h 12m"},
      {86'400'000, "1d"},
      {180'000'000, "2d 2h"},
      {315'360'000'000, "3650d"},
      {UINT64_MAX, "213503982334d 14h"},
  };
  for (const auto& row : rows) EXPECT_EQ(duration_text(row.ms), row.text);
}

TEST(Units, SizesForPeople) {
  const struct {
    std::uint64_t bytes;
    const char* text;
  } rows[] = {
      {0, "0 bytes"},      {1023, "1023 bytes"},   {1024, "1.0 KiB"},
      {65536, "64.0 KiB"}, {4'194'304, "4.0 MiB"}, {1'610'612'736, "1.5 GiB"},
  };
  for (const auto& row : rows) EXPECT_EQ(size_text(row.bytes), row.text);
}

}  // namespace
}  // namespace kprobed::kprobectl
