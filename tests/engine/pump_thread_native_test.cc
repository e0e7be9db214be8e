// SPDX-License-Identifier: Apache-2.0
//
// The pump's thread on the running kernel, fed by a tracepoint (this needs no kprobes): plans come
// and go while events flow, and everything ends up in the log, once and in order. Needs root and
// tracefs.
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "base/file.h"
#include "decode/format_file.h"
#include "engine/pump_thread.h"
#include "ringbuf/attached_event.h"
#include "stream/log_cursor.h"
#include "tracefs/tracefs.h"

namespace kprobed::engine {
namespace {

constexpr long kMark = 0x6b707468;  // tells our calls from everybody else's

class PumpThreadTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto tracefs = tracefs::Tracefs::find(true);
    ASSERT_TRUE(tracefs.ok()) << describe(tracefs.error());
    auto text = read_file(tracefs->path("events/syscalls/sys_enter_fchown/format"));
    ASSERT_TRUE(text.ok()) << describe(text.error());
    auto format = decode::parse_format(*text);
    ASSERT_TRUE(format.ok()) << describe(format.error());
    auto fields = decode::compile(*format,
                                  {{"mark", "user", decode::Show::unsigned_number},
                                   {"n", "group", decode::Show::unsigned_number}},
                                  kHostOrder, 8);
    ASSERT_TRUE(fields.ok()) << describe(fields.error());
    auto plan = std::make_shared<stream::EventPlan>();
    plan->label = {.name = "fchown", .kind = 'p', .symbol = "fchown", .offset = 0, .spec = ""};
    plan->fields = *fields;
    plan->number = directory.add("fchown", "{\"type\":\"schema\",\"probe\":\"fchown\"}\n");
    plan->tally = tally;
    auto rings = CpuRings::open(std::size_t{2} << 20);
    ASSERT_TRUE(rings.ok()) << describe(rings.error());
    auto attached = ringbuf::AttachedEvent::open(format->id, rings->targets(Lane::bulk));
    ASSERT_TRUE(attached.ok()) << describe(attached.error());
    all_rings = *rings;
    auto started = PumpThread::start(
        std::move(rings).value(), log,
        {.published = [this](bool) { ++published; }, .crowded = [this] { ++crowded; }});
    ASSERT_TRUE(started.ok()) << describe(started.error());
    pump = std::move(started).value();
    event.emplace(std::move(attached).value());
    auto table = std::make_shared<PlanTable>();
    for (const std::uint64_t id : event->ids()) table->add(id, plan);
    table->need_timer();
    plans = std::move(table);
  }

  void TearDown() override {
    event.reset();
    pump.reset();
  }

  /// `count` calls with n = first, first + 1, ..., from a process of its own: the pump leaves out
  /// what its own process causes.
  static void call(long first, long count) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      for (long n = first; n < first + count; ++n) ::syscall(SYS_fchown, -1, kMark, n);
      ::_exit(0);
    }
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  }

  void arm() {
    pump->announce({.seq = 0, .time_ns = 1, .probe = "fchown", .state = "armed", .reason = ""}, 1);
    pump->use(plans, nullptr);
    ASSERT_TRUE(event->enable().ok());
  }

  /// As ProbeTable::drop().
  void remove() {
    ASSERT_TRUE(event->disable().ok());
    pump->settle();
    pump->use(std::make_shared<const PlanTable>(), nullptr);
    pump->announce({.seq = 0, .time_ns = 1, .probe = "fchown", .state = "removed", .reason = ""},
                   1);
    pump->settle();
  }

  struct Seen {
    std::vector<long> calls;          ///< their n
    std::vector<std::string> states;  ///< told by `probe` lines, with "event" for the first after
  };
  Seen read_log() {
    Seen seen;
    std::string text;
    stream::LogCursor cursor(log, directory, {}, 1);
    while (cursor.take(text, std::size_t{1} << 20)) {
    }
    EXPECT_EQ(cursor.counts().dropped, 0u);
    std::uint64_t last = 0;
    for (std::size_t at = 0, end = 0; at < text.size(); at = end + 1) {
      end = text.find('\n', at);
      const auto line = nlohmann::json::parse(text.substr(at, end - at));
      if (line["type"] == "schema") continue;
      EXPECT_EQ(line["seq"].get<std::uint64_t>(), ++last);
      if (line["type"] == "probe") seen.states.push_back(line["state"]);
      if (line["type"] != "event") continue;
      if (seen.states.empty() || seen.states.back() != "event") seen.states.emplace_back("event");
      if (line["args"]["mark"] == kMark) seen.calls.push_back(line["args"]["n"].get<long>());
    }
    return seen;
  }

  stream::StreamLog log{std::size_t{64} << 20, "0123456789abcdef"};
  stream::ProbeDirectory directory;
  std::shared_ptr<stream::ProbeTally> tally = std::make_shared<stream::ProbeTally>();
  std::atomic<int> published = 0, crowded = 0;
  CpuRings all_rings;
  std::unique_ptr<PumpThread> pump;
  std::optional<ringbuf::AttachedEvent> event;
  std::shared_ptr<const PlanTable> plans;
};

std::vector<long> range(long first, long count) {
  std::vector<long> all;
  for (long n = first; n < first + count; ++n) all.push_back(n);
  return all;
}

TEST_F(PumpThreadTest, WhatMovesBetweenRingsLosesNothingAndStaysInOrder) {
  arm();
  constexpr long kCalls = 150'000;
  std::jthread caller([] { call(0, kCalls); });
  int moves = 0;
  for (; tally->read < kCalls - 1000 && moves < 50; ++moves) {
    ASSERT_TRUE(event->redirect(all_rings.targets(moves % 2 == 0 ? Lane::fast : Lane::bulk)).ok());
  }
  caller.join();
  remove();
  EXPECT_GE(moves, 2);
  const auto counts = event->counts();
  ASSERT_TRUE(counts.ok());
  // A flood through the fast ring may find it full: then that is known.
  const Seen seen = read_log();
  EXPECT_EQ(seen.calls.size() + counts->lost, static_cast<std::size_t>(kCalls));
  EXPECT_TRUE(std::ranges::is_sorted(seen.calls));
  EXPECT_EQ(pump->counts().late, 0u);
  EXPECT_GE(crowded, 1);
}

TEST_F(PumpThreadTest, RareEventsNeedNoTimer) {
  ASSERT_TRUE(event->redirect(all_rings.targets(Lane::fast)).ok());
  auto untimed = std::make_shared<PlanTable>();
  for (const std::uint64_t id : event->ids()) untimed->add(id, plans->find(id)->plan);
  ASSERT_FALSE(untimed->needs_timer());
  plans = std::move(untimed);
  arm();
  call(0, 1);
  for (int i = 0; i < 2000 && tally->published == 0; ++i) ::usleep(1000);
  EXPECT_EQ(tally->published, 1u);
  EXPECT_EQ(crowded, 0);
}

TEST_F(PumpThreadTest, WhatHappenedBeforeARemovalIsInTheLogBetweenItsNotes) {
  arm();
  call(0, 500);
  remove();
  call(500, 10);
  const Seen seen = read_log();
  EXPECT_EQ(seen.calls, range(0, 500));
  EXPECT_EQ(seen.states, (std::vector<std::string>{"armed", "event", "removed"}));
  EXPECT_EQ(pump->counts().unclaimed, 0u) << "all was drained before the plan went";
  EXPECT_EQ(pump->counts().published, tally->published.load());
  EXPECT_GT(published, 0);
}

TEST_F(PumpThreadTest, NotesFrameTheirProbesEventsEveryTime) {
  std::vector<std::string> want;
  for (int round = 0; round < 40; ++round) {
    arm();
    call(round, 1);
    remove();
    want.insert(want.end(), {"armed", "event", "removed"});
  }
  const Seen seen = read_log();
  EXPECT_EQ(seen.calls, range(0, 40));
  EXPECT_EQ(seen.states, want);
}

TEST_F(PumpThreadTest, PlansChangeWhileEventsFlow) {
  arm();
  std::atomic<bool> stop = false;
  // As control does, with each copy of the table another one.
  std::thread control([&] {
    while (!stop) {
      pump->use(std::make_shared<const PlanTable>(*plans), nullptr);
      pump->settle();
      (void)pump->counts();
    }
  });
  std::thread reader([&] {
    std::string text;
    stream::LogCursor cursor(log, directory, {}, 1);
    while (!stop) {
      cursor.take(text, std::size_t{64} << 10);
      text.clear();
    }
  });
  for (long first = 0; first < 2000; first += 100) call(first, 100);
  stop = true;
  control.join();
  reader.join();
  remove();
  EXPECT_EQ(read_log().calls, range(0, 2000));
  EXPECT_EQ(pump->counts().lost, 0u);
}

TEST_F(PumpThreadTest, EndsWithWhatIsThereInTheLog) {
  arm();
  call(0, 100);
  pump.reset();
  EXPECT_EQ(read_log().calls, range(0, 100));
}

}  // namespace
}  // namespace kprobed::engine
