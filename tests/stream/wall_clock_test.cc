// SPDX-License-Identifier: Apache-2.0
#include "stream/wall_clock.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <random>

namespace kprobed::stream {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

TEST(WallClockTest, KnownInstants) {
  struct Row {
    std::uint64_t monotonic_ns;
    std::int64_t offset_ns;
    const char* text;
  };
  // Seconds by date(1): date -u -d "2000-02-29" +%s
  const Row rows[] = {
      {0, 0, "1970-01-01T00:00:00.000000000Z"},
      {1, 0, "1970-01-01T00:00:00.000000001Z"},
      {0, -1, "1969-12-31T23:59:59.999999999Z"},
      {5 * kSecond, -6 * kSecond, "1969-12-31T23:59:59.000000000Z"},
      {kSecond - 1, -kSecond, "1969-12-31T23:59:59.999999999Z"},
      {999'999'999, 0, "1970-01-01T00:00:00.999999999Z"},
      {262'389'131'000, 1'795'403'383 * kSecond - 389'131'000 + 262'389'131,
       "2026-11-23T03:14:05.262389131Z"},
      {0, 946'684'799 * kSecond, "1999-12-31T23:59:59.000000000Z"},
      {kSecond, 946'684'799 * kSecond, "2000-01-01T00:00:00.000000000Z"},
      {0, 951'782'400 * kSecond, "2000-02-29T00:00:00.000000000Z"},  // a leap year after all
      {0, 951'868'800 * kSecond, "2000-03-01T00:00:00.000000000Z"},
      {0, 978'220'800 * kSecond, "2000-12-31T00:00:00.000000000Z"},
      {0, 1'677'628'800 * kSecond, "2023-03-01T00:00:00.000000000Z"},
      {0, 1'709'208'000 * kSecond, "2024-02-29T12:00:00.000000000Z"},
      {0, 1'798'761'599 * kSecond, "2026-12-31T23:59:59.000000000Z"},
      {0, 2'147'483'648 * kSecond, "2038-01-19T03:14:08.000000000Z"},
      {0, 4'107'542'399 * kSecond, "2100-02-28T23:59:59.000000000Z"},  // no leap year
      {0, 4'107'542'400 * kSecond, "2100-03-01T00:00:00.000000000Z"},
      {0, -58'060'800 * kSecond, "1968-02-29T00:00:00.000000000Z"},
      {0, -2'203'891'200 * kSecond, "1900-03-01T00:00:00.000000000Z"},
      {0, INT64_MAX, "2262-04-11T23:47:16.854775807Z"},
      {0, INT64_MIN, "1677-09-21T00:12:43.145224192Z"},
      {UINT64_MAX, 1, "1970-01-01T00:00:00.000000000Z"},  // wraps, and does not break
  };
  for (const Row& row : rows) {
    WallClock clock;
    clock.set_offset(row.offset_ns);
    std::string out = "> ";
    clock.append(row.monotonic_ns, out);
    EXPECT_EQ(out, std::string("> ") + row.text);
  }
}

TEST(WallClockTest, RemembersNoSecondTooLong) {
  struct Row {
    std::uint64_t monotonic_ns;
    std::int64_t offset_ns;
    const char* text;
  };
  const Row rows[] = {
      // In this order, with one clock.
      {1'999'999'999, 0, "1970-01-01T00:00:01.999999999Z"},
      {2'000'000'000, 0, "1970-01-01T00:00:02.000000000Z"},
      {2'000'000'001, 0, "1970-01-01T00:00:02.000000001Z"},
      {1'000'000'000, 0, "1970-01-01T00:00:01.000000000Z"},
      {1'000'000'000, 60 * kSecond, "1970-01-01T00:01:01.000000000Z"},  // stepped
      {1'000'000'000, 60 * kSecond + 5, "1970-01-01T00:01:01.000000005Z"},
      {1'000'000'000, -kSecond - 1, "1969-12-31T23:59:59.999999999Z"},
  };
  WallClock clock;
  for (const Row& row : rows) {
    clock.set_offset(row.offset_ns);
    EXPECT_EQ(clock.offset(), row.offset_ns);
    std::string out;
    clock.append(row.monotonic_ns, out);
    EXPECT_EQ(out, row.text);
  }
}

TEST(WallClockTest, AgreesWithGmtimeOverTheWholeRange) {
  std::mt19937_64 random(20090319);
  WallClock clock;
  for (int i = 0; i < 100'000; ++i) {
    const auto wall_ns = static_cast<std::int64_t>(random());
    const std::uint64_t monotonic_ns = random() >> 8;
    clock.set_offset(static_cast<std::int64_t>(static_cast<std::uint64_t>(wall_ns) - monotonic_ns));
    const std::time_t second = wall_ns / kSecond - (wall_ns % kSecond < 0 ? 1 : 0);
    const std::int64_t ns = (wall_ns % kSecond + kSecond) % kSecond;
    std::tm utc{};
    gmtime_r(&second, &utc);
    std::array<char, 64> date{};
    std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &utc);
    std::array<char, 16> fraction{};
    std::snprintf(fraction.data(), fraction.size(), ".%09dZ", static_cast<int>(ns));
    std::string out;
    clock.append(monotonic_ns, out);
    ASSERT_EQ(out, std::string(date.data()) + fraction.data()) << wall_ns;
  }
}

TEST(WallClockTest, LocalTimeFollowsTheZoneAndItsChanges) {
  struct Row {
    const char* zone;  // POSIX rules: no zone files needed
    std::int64_t second;
    const char* text;
  };
  const Row rows[] = {
      {"UTC0", 1'795'403'645, "03:14:05.262389"},
      {"EST5", 1'795'403'645, "22:14:05.262389"},
      {"IST-5:30", 1'795'403'645, "08:44:05.262389"},
      // Europe's 2026 change, 29 March 01:00 UTC.
      {"CET-1CEST,M3.5.0,M10.5.0/3", 1'774'745'999, "01:59:59.262389"},
      {"CET-1CEST,M3.5.0,M10.5.0/3", 1'774'746'000, "03:00:00.262389"},
      {"UTC0", -1, "23:59:59.262389"},
  };
  for (const Row& row : rows) {
    setenv("TZ", row.zone, 1);
    tzset();
    WallClock clock;
    clock.set_offset(row.second * kSecond);
    std::string out;
    clock.append_local(262'389'999, out);
    EXPECT_EQ(out, row.text) << row.zone;
  }

  setenv("TZ", "UTC0", 1);
  tzset();
  WallClock clock;
  std::string out;
  for (const std::uint64_t us : {1'999'999, 2'000'000, 2'000'001, 1'000'000})
    clock.append_local(us * 1000, out);
  EXPECT_EQ(out, "00:00:01.99999900:00:02.00000000:00:02.00000100:00:01.000000");
  unsetenv("TZ");
  tzset();
}

}  // namespace
}  // namespace kprobed::stream
