// SPDX-License-Identifier: Apache-2.0
#include "engine/ring_waiter.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace kprobed::engine {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

UniqueFd event() { return UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

void write_to(const UniqueFd& fd) {
  const std::uint64_t one = 1;
  ASSERT_EQ(::write(fd.get(), &one, sizeof one), static_cast<ssize_t>(sizeof one));
}

/// Did wait() end for a descriptor, long before its patience did?
bool woken(RingWaiter& waiter) {
  const auto begin = steady_clock::now();
  waiter.wait(microseconds(100'000));
  return steady_clock::now() - begin < milliseconds(80);
}

TEST(RingWaiter, EndsForEachEdgeOnceAlthoughNobodyReads) {
  auto waiter = RingWaiter::create();
  ASSERT_TRUE(waiter.ok());
  const UniqueFd one = event(), other = event();
  waiter->watch({one.get(), other.get()});
  EXPECT_FALSE(woken(*waiter));
  write_to(one);
  EXPECT_TRUE(woken(*waiter));
  EXPECT_FALSE(woken(*waiter)) << "one edge, one end";
  write_to(one);
  EXPECT_TRUE(woken(*waiter)) << "readable already, and written to again";
  write_to(other);
  EXPECT_TRUE(woken(*waiter));
}

TEST(RingWaiter, WhatWasReadableBeforeIsSeen) {
  auto waiter = RingWaiter::create();
  ASSERT_TRUE(waiter.ok());
  const UniqueFd one = event();
  write_to(one);
  waiter->watch({one.get()});
  EXPECT_TRUE(woken(*waiter));
}

TEST(RingWaiter, WatchesTheNewOnesOnlyAlsoWhileTheOldAreOpen) {
  auto waiter = RingWaiter::create();
  ASSERT_TRUE(waiter.ok());
  const UniqueFd old = event(), fresh = event();
  waiter->watch({old.get()});
  waiter->watch({fresh.get(), -1});
  write_to(old);
  const auto begin = steady_clock::now();
  waiter->wait(std::nullopt);  // deaf to one: looks every 10 ms
  EXPECT_GE(steady_clock::now() - begin, milliseconds(5)) << "ended for one that is not watched";
  waiter->watch({fresh.get()});
  write_to(fresh);
  EXPECT_TRUE(woken(*waiter));
}

TEST(RingWaiter, KeepsItsPatienceBelowAMillisecond) {
  auto waiter = RingWaiter::create();
  ASSERT_TRUE(waiter.ok());
  const auto begin = steady_clock::now();
  for (int i = 0; i < 20; ++i) waiter->wait(microseconds(300));
  const auto took = steady_clock::now() - begin;
  EXPECT_GE(took, milliseconds(6));
  EXPECT_LT(took, milliseconds(200)) << "milliseconds are too coarse";
}

}  // namespace
}  // namespace kprobed::engine
