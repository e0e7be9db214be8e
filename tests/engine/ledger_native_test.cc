// SPDX-License-Identifier: Apache-2.0
//
// Ledgers of the running kernel's uprobes and tracepoints: whatever happens, they add up once all
// is at rest; and what is hidden from them on purpose, they find. Needs root and tracefs.
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <climits>
#include <thread>

#include "live_control.h"

extern "C" __attribute__((noinline)) void kprobed_ledger_me(std::uint64_t n) {
  asm volatile("" : : "r"(n) : "memory");
}

namespace kprobed::engine {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

std::string own_path() {
  char path[PATH_MAX] = {};
  const ssize_t length = ::readlink("/proc/self/exe", path, sizeof path - 1);
  return {path, static_cast<std::size_t>(std::max<ssize_t>(length, 0))};
}

/// A uprobe on a function of ours, and its ledger.
class LedgerTest : public LiveControl {
 protected:
  std::string add_uprobe(const std::string& rest = "a1") {
    return add("p:me " + own_path() + ":kprobed_ledger_me " + rest);
  }
  stream::LedgerTerms ledger(const std::string& name, bool live = false) {
    // Twice: at rest nothing may change between the two.
    const auto ask = [&] {
      return answer_of<LedgerReport>([&](auto answer) {
        control->ledger({.globs = {name}, .all = false}, std::move(answer));
      });
    };
    const LedgerReport one = ask(), two = ask();
    if (one.probes.size() != 1 || two.probes.size() != 1) {
      ADD_FAILURE() << one.probes.size() << " ledgers";
      return {};
    }
    if (!live) {
      EXPECT_EQ(one.probes[0].terms, two.probes[0].terms);
    }
    EXPECT_EQ(two.probes[0].live, live);
    return two.probes[0].terms;
  }

  /// From a process of its own, since ours is excluded.
  static void call(std::uint64_t count, std::uint64_t n = 1,
                   void (*what)(std::uint64_t) = nullptr) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      for (; count > 0; --count) (what != nullptr ? what : kprobed_ledger_me)(n);
      ::_exit(0);
    }
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  }
};

TEST_F(LedgerTest, TenTimesTooMuchAddsUpAndEveryLossIsTold) {
  // A pump that is held up while thousands come.
  ControlOptions options;
  options.ring_bytes_per_cpu = std::size_t{64} << 10;
  options.published = [](bool) { std::this_thread::sleep_for(20ms); };
  start(std::move(options));
  ASSERT_EQ(add_uprobe(), "me");
  constexpr std::uint64_t kCalls = 60'000;
  call(kCalls);
  set_enabled(false, {.globs = {"me"}, .all = false});
  const stream::LedgerTerms terms = ledger("me");
  EXPECT_EQ(terms.hits, kCalls);
  EXPECT_EQ(terms.missed, std::nullopt) << "the kernel counts none of a uprobe";
  EXPECT_EQ(terms.unattached, 0u);
  EXPECT_EQ(terms.kernel_dropped, 0u);
  ASSERT_TRUE(terms.lost.has_value());
  EXPECT_GT(*terms.lost, kCalls / 10);
  EXPECT_EQ(terms.read + *terms.lost, kCalls);
  EXPECT_EQ(terms.published, terms.read);
  EXPECT_EQ(stream::unexplained(terms), 0);

  // The last of them no record follows: the kernel's counters tell. It is looked once a second.
  std::uint64_t told = 0;
  for (int tries = 0; tries < 100 && told != *terms.lost; ++tries) {
    std::this_thread::sleep_for(100ms);
    told = 0;
    for (const json& line : lines("lost")) told += line["count"].get<std::uint64_t>();
  }
  EXPECT_EQ(told, *terms.lost);

  // And what the kernel tells later is not told twice.
  set_enabled(true);
  call(10);
  remove_all();
  told = 0;
  for (const json& line : lines("lost")) told += line["count"].get<std::uint64_t>();
  const auto last = lines("ledger");
  ASSERT_FALSE(last.empty());
  EXPECT_EQ(last.back()["probe"], "me");
  EXPECT_EQ(last.back()["hits"], kCalls + 10);
  EXPECT_EQ(last.back()["unexplained"], 0);
  EXPECT_EQ(last.back()["lost"], told);
  EXPECT_FALSE(last.back().contains("live"));
  EXPECT_FALSE(last.back().contains("missed"));
}

TEST_F(LedgerTest, SevenHiddenSamplesAreFound) {
  ControlOptions options;
  options.hide_samples = 7;
  start(std::move(options));
  add_uprobe();
  call(100);
  set_enabled(false, {.globs = {"me"}, .all = false});
  EXPECT_EQ(stream::unexplained(ledger("me")), 7);
  set_enabled(false);  // out of the kernel: what was counted is kept
  const stream::LedgerTerms terms = ledger("me");
  EXPECT_EQ(stream::unexplained(terms), 7);
  EXPECT_EQ(terms.hits, 100u);
  EXPECT_EQ(terms.published, 93u);
  remove_all();
  // It is told by the pump, soon after.
  for (int i = 0; i < 200 && lines("ledger").empty(); ++i) ::usleep(10'000);
  ASSERT_FALSE(lines("ledger").empty());
  EXPECT_EQ(lines("ledger").back()["unexplained"], 7);
}

TEST_F(LedgerTest, WhatSamplingLeavesOutIsCounted) {
  ControlOptions options;
  options.budget = {.probe_share = 100, .total_share = 100, .events = 500};
  start(std::move(options));
  add("p:me " + own_path() + ":kprobed_ledger_me a1", false, false);
  std::uint64_t calls = 0;
  for (int tries = 0; tries < 200 && lines("sampling").empty(); ++tries) {
    call(5'000);
    calls += 5'000;
    std::this_thread::sleep_for(50ms);
  }
  ASSERT_FALSE(lines("sampling").empty()) << calls << " calls";
  call(20'000);
  calls += 20'000;
  set_enabled(false, {.globs = {"me"}, .all = false});
  const stream::LedgerTerms terms = ledger("me");
  EXPECT_EQ(terms.hits, calls);
  ASSERT_TRUE(terms.sampled_out.has_value());
  EXPECT_GT(*terms.sampled_out, 10'000u);
  EXPECT_LT(*terms.sampled_out, calls);
  EXPECT_EQ(stream::unexplained(terms), 0);
  // The numbers of the lines say the same, to the last look.
  set_enabled(false);  // out of the kernel
  EXPECT_EQ(ledger("me").sampled_out, terms.sampled_out);
}

TEST_F(LedgerTest, WhatTheConditionLeavesOutIsCounted) {
  start();
  add_uprobe("a1:u64 if a1 == 7");
  call(40, 7);
  call(60, 8);
  set_enabled(false, {.globs = {"me"}, .all = false});
  const stream::LedgerTerms terms = ledger("me");
  EXPECT_EQ(terms.hits, 100u);
  EXPECT_EQ(terms.seen, 100u);
  EXPECT_EQ(terms.filtered, 60u);
  EXPECT_EQ(terms.published, 40u);
  EXPECT_EQ(stream::unexplained(terms), 0);
}

TEST_F(LedgerTest, SpansTheTimesInWhichItIsInTheKernel) {
  start();
  add_uprobe();
  call(10);
  EXPECT_EQ(ledger("me", true).published, 10u);
  set_enabled(false, {.globs = {"me"}, .all = false});
  call(5);  // the kernel has nobody to run it for, or counts it for nobody
  set_enabled(true);
  call(20);
  for (std::uint64_t i = 0; i < 3; ++i) kprobed_ledger_me(i);
  set_enabled(false);  // out of the kernel
  call(5);
  set_enabled(true);
  call(40);
  set_enabled(false, {.globs = {"me"}, .all = false});
  const stream::LedgerTerms terms = ledger("me");
  EXPECT_EQ(terms.read, 73u);
  EXPECT_EQ(terms.excluded, 3u);
  EXPECT_EQ(terms.published, 70u);
  ASSERT_TRUE(terms.hits.has_value());
  EXPECT_EQ(*terms.hits, 73u + terms.unattached.value_or(1000));
  EXPECT_LE(terms.unattached, 5u);
  EXPECT_EQ(stream::unexplained(terms), 0);
}

TEST_F(LedgerTest, OfATracepointTheKernelCountsNoHits) {
  start();
  const std::string name = add("t syscalls/sys_enter_fchown user if user == 1802531944");
  call(50, 0x6b707468, [](std::uint64_t n) { ::syscall(SYS_fchown, -1, n, 0); });
  call(30, 5, [](std::uint64_t n) { ::syscall(SYS_fchown, -1, n, 0); });
  set_enabled(false, {.globs = {name}, .all = false});
  const stream::LedgerTerms terms = ledger(name);
  EXPECT_EQ(terms.hits, std::nullopt);
  EXPECT_EQ(terms.unattached, std::nullopt);
  EXPECT_EQ(terms.kernel_dropped, std::nullopt);
  ASSERT_TRUE(terms.filtered.has_value());
  EXPECT_GE(*terms.filtered, 30u) << "others may call it, too";
  EXPECT_EQ(terms.published, 50u);
  EXPECT_EQ(stream::unexplained(terms), 0);
}

}  // namespace
}  // namespace kprobed::engine
