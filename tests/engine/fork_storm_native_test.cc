// SPDX-License-Identifier: Apache-2.0
//
// Thousands of processes that live for less than a millisecond, and what they are called: the name
// an event has is that of its thread at that moment, whoever had the number before or has it since.
// tests/vm/puppet_storm.c says what they do. Fed by a tracepoint. Needs root and tracefs.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <map>
#include <set>
#include <thread>

#include "base/format.h"
#include "live_control.h"

namespace kprobed::engine {
namespace {

constexpr std::uint32_t kMark = 0x6b700000, kMothers = 6, kChildren = 1000;
constexpr std::string_view kMoments = "mccg";  ///< who is hit, at which moment

pid_t puppet(const std::vector<std::string>& words) {
  std::vector<const char*> argv = {KPROBED_PUPPET};
  for (const std::string& word : words) argv.push_back(word.c_str());
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    ::execv(argv[0], const_cast<char**>(argv.data()));
    ::_exit(127);
  }
  return child;
}

/// Seconds of the busy probe would not fit into any log: what the storm causes is taken out of it
/// as it comes.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSlowBuild = true;
#else
constexpr bool kSlowBuild = false;
#endif

class ForkStormTest : public LiveControl {
 protected:
  ForkStormTest() : LiveControl(std::size_t{128} << 20) {}

  std::string follow(const std::atomic<bool>& done) {
    std::string text;
    stream::LogFilter filter;
    filter.probes = {"storm"};
    stream::LogCursor cursor(log, directory, std::move(filter), 1);
    for (bool last = false; !last;) {
      last = done;
      while (cursor.take(text, std::size_t{1} << 20)) {
      }
      if (!last) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    EXPECT_EQ(cursor.counts().dropped, 0u);
    return text;
  }
};

TEST_F(ForkStormTest, EveryEventHasTheNameOfThatMoment) {
  ControlOptions options;
  options.budget.on = false;  // the other one would be counted only
  start(std::move(options));
  ASSERT_EQ(add(format("t:storm syscalls/sys_enter_fchown user group if user >= {} && user < {}",
                       kMark, kMark + kMothers)),
            "storm");
  ASSERT_EQ(add("t:flood syscalls/sys_enter_dup3 newfd"), "flood");
  const pid_t flood = puppet({"flood", "100"});
  const pid_t storm = puppet({"storm", std::to_string(kMothers), std::to_string(kChildren)});
  std::atomic<bool> done = false;
  std::string text;
  std::thread follower([&] { text = follow(done); });
  int status = 0;
  EXPECT_EQ(::waitpid(storm, &status, 0), storm);
  EXPECT_EQ(status, 0);
  ::kill(flood, SIGKILL);
  ::waitpid(flood, nullptr, 0);
  set_enabled(false, {.globs = {"*"}, .all = false});
  const auto counts =
      answer_of<EngineStatus>([&](auto answer) { control->status(std::move(answer)); }).counts;
  done = true;
  follower.join();

  std::map<std::uint32_t, std::size_t> bearers;
  std::set<std::pair<std::uint32_t, std::uint32_t>> seen;
  std::size_t events = 0, wrong = 0;
  for (const auto& line : parsed(text, "event")) {
    const std::uint32_t mother = line["args"]["user"].get<std::uint32_t>() - kMark;
    const auto code = line["args"]["group"].get<std::uint32_t>();
    const std::size_t moment = code % kMoments.size();
    ++events;
    seen.emplace(mother, code);
    if (moment == 0) ++bearers[line["tid"]];
    const std::string wanted = format("{}{}.{}", kMoments[moment], mother, code / kMoments.size());
    if (line["comm"] != wanted && ++wrong <= 10) {
      std::cout << wanted << " is called " << line << "\n";
    }
  }
  std::size_t most = 0;
  for (const auto& [tid, times] : bearers) most = std::max(most, times);
  std::printf(
      "%zu events of %zu numbers, one of them borne %zu times; %zu of the other probe, %zu "
      "lost\n",
      events, bearers.size(), most, static_cast<std::size_t>(counts.published) - events,
      static_cast<std::size_t>(counts.lost));
  // A build with a sanitizer is too slow to read all names in time, and then some are of later; it
  // counts that.
  if (!kSlowBuild) {
    EXPECT_EQ(counts.side_band_lost, 0u);
  }
  if (counts.side_band_lost == 0) {
    EXPECT_EQ(wrong, 0u);
  }
  EXPECT_GT(most, kChildren / 2) << "numbers were to be used again";
  EXPECT_EQ(seen.size(), events) << "none comes twice";
  constexpr std::size_t kAll = kMothers * 2 * (kChildren + (kChildren + 3) / 4);
  EXPECT_LE(events, kAll);
  EXPECT_GE(events + counts.lost, kAll);
  EXPECT_GT(events, kAll / (kSlowBuild ? 10 : 2));
}

}  // namespace
}  // namespace kprobed::engine
