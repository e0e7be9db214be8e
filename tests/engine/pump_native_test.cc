// SPDX-License-Identifier: Apache-2.0
//
// The event's whole line on the running kernel, fed by a tracepoint (this needs no kprobes): rings,
// merge, plan, names, JSON. Needs root and tracefs.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "decode/format_file.h"
#include "engine/pump.h"
#include "ringbuf/attached_event.h"
#include "stream/json_lines.h"
#include "symbols/task_names.h"
#include "tracefs/tracefs.h"

namespace kprobed::engine {
namespace {

constexpr long kMark = 0x6b70726f;  // tells our calls from everybody else's

/// Keeps each line, parsed.
class Lines final : public Sink {
 public:
  explicit Lines(bool own_only) : own_only_(own_only) {}
  bool event(const stream::Event& event) override {
    std::string line;
    if (!lines_.event(event, line)) return false;
    auto json = nlohmann::json::parse(line);
    if (!own_only_ || json["args"]["mark"] == kMark) events.push_back(std::move(json));
    return true;
  }
  void lost(const stream::LostNote& note) override { lost_count += note.count; }

  std::vector<nlohmann::json> events;
  std::uint64_t lost_count = 0;

 private:
  bool own_only_;
  stream::AddressNames names_;
  stream::WallClock clock_;
  stream::JsonLines lines_{names_, clock_};
};

/// One armed tracepoint: fchown(fd, user, group) as the producer, as in BASELINES.
class PumpTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto tracefs = tracefs::Tracefs::find(true);
    ASSERT_TRUE(tracefs.ok()) << describe(tracefs.error());
    auto text = read_file(tracefs->path("events/syscalls/sys_enter_fchown/format"));
    ASSERT_TRUE(text.ok()) << describe(text.error());
    auto format = decode::parse_format(*text);
    ASSERT_TRUE(format.ok()) << describe(format.error());
    auto fields = decode::compile(*format,
                                  {{"fd", "fd", decode::Show::signed_number},
                                   {"mark", "user", decode::Show::unsigned_number},
                                   {"n", "group", decode::Show::unsigned_number}},
                                  kHostOrder, 8);
    ASSERT_TRUE(fields.ok()) << describe(fields.error());
    plan->label = {.name = "fchown", .kind = 'p', .symbol = "fchown", .offset = 0, .spec = ""};
    plan->fields = *fields;
    auto opened = CpuRings::open(ring_bytes());
    ASSERT_TRUE(opened.ok()) << describe(opened.error());
    rings.emplace(std::move(opened).value());
    auto attached = ringbuf::AttachedEvent::open(format->id, rings->targets(Lane::bulk));
    ASSERT_TRUE(attached.ok()) << describe(attached.error());
    event.emplace(std::move(attached).value());
    for (const std::uint64_t id : event->ids()) plans.add(id, plan);
    symbols::for_each_task(
        [&](std::uint32_t tid, std::string_view comm) { tasks.learn(tid, comm); });
    ASSERT_TRUE(event->enable().ok());
  }

  virtual std::size_t ring_bytes() const { return 1 << 20; }

  static void call(long n) { ::syscall(SYS_fchown, -1, kMark, n); }

  void drain(Pump& pump, Sink& sink) {
    ASSERT_TRUE(event->disable().ok());
    while (pump.drain(*rings, plans, sink) > 0) {
    }
  }

  std::shared_ptr<stream::EventPlan> plan = std::make_shared<stream::EventPlan>();
  PlanTable plans;
  stream::TaskTable tasks{symbols::read_task_name};
  std::optional<CpuRings> rings;
  std::optional<ringbuf::AttachedEvent> event;
};

void stay_on(unsigned cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  ASSERT_EQ(::sched_setaffinity(0, sizeof set, &set), 0);
}

TEST_F(PumpTest, GivesEveryCallOnceInOrderOverAllCpus) {
  const auto cpus = static_cast<unsigned>(rings->cpus());
  cpu_set_t before;
  ASSERT_EQ(::sched_getaffinity(0, sizeof before, &before), 0);
  constexpr long kCalls = 500;
  for (long n = 0; n < kCalls; ++n) {
    if (n % 10 == 0) stay_on(static_cast<unsigned>(n / 10) % cpus);
    call(n);
  }
  ::sched_setaffinity(0, sizeof before, &before);
  Lines lines(true);
  Pump pump(tasks, 0);
  drain(pump, lines);
  ASSERT_EQ(lines.events.size(), static_cast<std::size_t>(kCalls));
  std::uint64_t last = 0;
  for (long n = 0; n < kCalls; ++n) {
    const auto& line = lines.events[static_cast<std::size_t>(n)];
    EXPECT_EQ(line["args"]["n"], n);
    EXPECT_EQ(line["args"]["fd"], 0xffffffffu) << "the format says unsigned int";
    EXPECT_EQ(line["tid"], ::gettid());
    EXPECT_EQ(line["cpu"], static_cast<unsigned>(n / 10) % cpus);
    EXPECT_LE(last, line["ts"].get<std::uint64_t>());
    last = line["ts"].get<std::uint64_t>();
  }
  EXPECT_EQ(pump.counts().malformed, 0u);
  EXPECT_EQ(pump.counts().lost, 0u);
  EXPECT_EQ(pump.counts().unclaimed, 0u);
  EXPECT_EQ(pump.counts().read, pump.counts().published + pump.counts().excluded);
}

TEST_F(PumpTest, KnowsTheNameAtThatMoment) {
  char before[16];
  ::prctl(PR_GET_NAME, before);
  call(1);
  ::prctl(PR_SET_NAME, "renamed");
  call(2);
  const pid_t child = ::fork();
  if (child == 0) {
    call(3);
    ::prctl(PR_SET_NAME, "child");
    call(4);
    ::_exit(0);
  }
  ASSERT_GT(child, 0);
  ::waitpid(child, nullptr, 0);
  ::prctl(PR_SET_NAME, before);
  Lines lines(true);
  Pump pump(tasks, 0);
  drain(pump, lines);
  ASSERT_EQ(lines.events.size(), 4u);
  EXPECT_EQ(lines.events[0]["comm"], std::string(before));
  EXPECT_EQ(lines.events[1]["comm"], "renamed");
  EXPECT_EQ(lines.events[2]["comm"], "renamed");
  EXPECT_EQ(lines.events[3]["comm"], "child");
}

TEST_F(PumpTest, LeavesOutTheExcludedProcessAndCountsIt) {
  for (long n = 0; n < 7; ++n) call(n);
  Lines lines(true);
  Pump pump(tasks, static_cast<std::uint32_t>(::getpid()));
  drain(pump, lines);
  EXPECT_TRUE(lines.events.empty());
  EXPECT_EQ(pump.counts().excluded, 7u);
}

TEST_F(PumpTest, ClaimsNothingOfAProbeThatIsGone) {
  call(1);
  plans.remove(plan.get());
  Lines lines(true);
  Pump pump(tasks, 0);
  drain(pump, lines);
  EXPECT_TRUE(lines.events.empty());
  EXPECT_GE(pump.counts().unclaimed, 1u);
}

TEST_F(PumpTest, CountsNamesThatFoundNoRoomAndAsksAnew) {
  char before[16];
  ::prctl(PR_GET_NAME, before);
  stay_on(0);
  // 56 bytes each: more than the ring for them has.
  for (int i = 0; i < 3000; ++i) ::prctl(PR_SET_NAME, "of before");
  Lines lines(true);
  Pump pump(tasks, 0);
  pump.drain(*rings, plans, lines);
  // With this one, which fits, the kernel tells of them.
  ::prctl(PR_SET_NAME, "of now");
  call(1);
  drain(pump, lines);
  ::prctl(PR_SET_NAME, before);
  EXPECT_GT(pump.counts().side_band_lost, 0u);
  EXPECT_EQ(pump.counts().lost, 0u) << "no event was lost";
  ASSERT_EQ(lines.events.size(), 1u);
  EXPECT_EQ(lines.events[0]["comm"], "of now");
}

class SmallRingTest : public PumpTest {
 protected:
  std::size_t ring_bytes() const override { return 64 << 10; }
};

TEST_F(SmallRingTest, SaysWhatItLost) {
  stay_on(0);
  constexpr long kFlood = 5000;
  for (long n = 0; n < kFlood; ++n) call(n);  // 88 bytes each: four times the ring
  Lines lines(false);
  Pump pump(tasks, 0);
  pump.drain(*rings, plans, lines);
  call(kFlood);  // the kernel writes LOST before the next record that fits
  drain(pump, lines);
  const auto counts = event->counts();
  ASSERT_TRUE(counts.ok());
  EXPECT_GT(lines.lost_count, 0u);
  EXPECT_EQ(lines.lost_count, pump.counts().lost);
  EXPECT_EQ(counts->hits, pump.counts().read + pump.counts().lost);
  if (counts->has_lost) {
    EXPECT_EQ(counts->lost, pump.counts().lost);
  }
}

}  // namespace
}  // namespace kprobed::engine
