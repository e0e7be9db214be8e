// SPDX-License-Identifier: Apache-2.0
//
// A budget of memory and of descriptors on the running kernel, with tracepoints for probes: what
// would go beyond it is refused before anything of it is there. Needs root and tracefs.
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>

#include "base/format.h"
#include "engine/cpu_rings.h"
#include "engine/kernel_budget.h"
#include "live_control.h"
#include "tracefs/tracefs.h"

namespace kprobed::engine {
namespace {

using testing::HasSubstr;

class BudgetTest : public LiveControl {
 protected:
  static constexpr std::size_t kRing = std::size_t{64} << 10;
  static constexpr std::size_t kRoom = 10;  ///< events

  void SetUp() override {
    const auto tracefs = tracefs::Tracefs::find(true);
    ASSERT_TRUE(tracefs.ok()) << describe(tracefs.error());
    for (const auto& entry :
         std::filesystem::directory_iterator(tracefs->path("events/syscalls"))) {
      const std::string name = entry.path().filename();
      if (name.starts_with("sys_enter_")) calls_.push_back(name);
    }
    std::ranges::sort(calls_);
    ASSERT_GT(calls_.size(), 100u);
    // The smallest rings, and kRoom events on each CPU.
    const auto rings = plan_rings(kRing, {}, 1);
    ASSERT_TRUE(rings.ok());
    cpus_ = rings->cpus.size();
    budget_ = rings->bytes + (kOwnEventsPerCpu + kRoom) * kEventBytes * cpus_;
    ASSERT_EQ(plan_rings(kRing, {}, budget_)->bytes, rings->bytes);
  }

  ControlOptions small() const {
    ControlOptions options;
    options.ring_bytes_per_cpu = kRing;
    options.kernel_memory = budget_;
    options.budget.on = false;  // nobody is to be taken out for what it costs
    return options;
  }

  /// One line for each of so many system calls, not used before.
  std::string specs(std::size_t count, const std::string& prefix = "n") {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
      text += format("t:{}{} syscalls/{}\n", prefix, i, calls_.at(next_++));
    }
    return text;
  }

  Result<std::vector<ProbeStatus>> try_add(const std::string& text) {
    AddRequest request;
    request.source = std::make_shared<Source>(Source{"test", text});
    std::promise<Result<std::vector<ProbeStatus>>> promise;
    control->add(request, [&](auto result) { promise.set_value(std::move(result)); });
    return promise.get_future().get();
  }
  EngineStatus status() {
    return answer_of<EngineStatus>([&](auto answer) { control->status(std::move(answer)); });
  }
  void remove(const std::string& glob) {
    answer_of<std::vector<std::string>>(
        [&](auto answer) { control->remove({.globs = {glob}, .all = false}, std::move(answer)); });
  }

  std::vector<std::string> calls_;
  std::size_t next_ = 0, cpus_ = 0;
  std::uint64_t budget_ = 0;
};

TEST_F(BudgetTest, WhatNeedsMoreMemoryIsRefusedBeforeAnythingIsArmed) {
  start(small());
  EXPECT_EQ(status().kernel_memory_max, budget_) << "told before there is anything";
  auto refused = try_add(specs(kRoom + 1));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::exhausted);
  EXPECT_THAT(refused.error().message,
              HasSubstr(format("no kernel memory left for {} events", kRoom + 1)));
  EXPECT_EQ(status().ring_bytes, 0u) << "not even the rings are there";
  EXPECT_TRUE(lines("probe").empty());

  ASSERT_TRUE(try_add(specs(kRoom - 1, "many")).ok());
  EngineStatus now = status();
  EXPECT_LE(now.ring_bytes + now.event_bytes, budget_);
  EXPECT_GE(now.event_bytes, (3 + kRoom - 1) * kEventBytes * cpus_);
  // Room for one event, and on kernels without modules for two more: not for two conditions.
  const std::string filtered =
      "t:if1 syscalls/sys_enter_dup3 newfd if newfd == 77\n"
      "t:if2 syscalls/sys_enter_dup2 newfd if newfd == 77\n";
  EXPECT_FALSE(try_add(filtered).ok());
  EXPECT_EQ(status().event_bytes, now.event_bytes) << "nothing of it was opened";
  ASSERT_TRUE(try_add(specs(1, "last")).ok());
  EXPECT_FALSE(try_add(specs(3, "more")).ok());

  remove("many*");
  EXPECT_TRUE(try_add(filtered).ok()) << "what went has made room";
  now = status();
  EXPECT_EQ(now.event_bytes % (kEventBytes * cpus_), 0u);
  EXPECT_GE(now.event_bytes, (3 + 1 + 4) * kEventBytes * cpus_);
}

TEST_F(BudgetTest, WhatWasThereBeforeWaitsForRoom) {
  start(small());
  std::vector<ProbeWish> wishes;
  for (std::size_t i = 0; i < kRoom + 3; ++i) {
    ProbeWish wish;
    wish.spec = format("t:w{} syscalls/{}", i, calls_.at(next_++));
    wishes.push_back(wish);
  }
  std::atomic<std::size_t> failed{0};
  control->restore(wishes, false, [&](const ProbeWish&, const Error& error) {
    EXPECT_THAT(error.message, HasSubstr("no kernel memory left for 1 event"));
    ++failed;
  });
  const auto list = [this] {
    return answer_of<std::vector<ProbeStatus>>(
        [&](auto answer) { control->list(std::move(answer)); });
  };
  const auto in_state = [&](ProbeState state) {
    return std::ranges::count(list(), state, &ProbeStatus::state);
  };
  ASSERT_EQ(list().size(), kRoom + 3) << "no wish is lost";
  EXPECT_GE(failed, 1u);
  EXPECT_EQ(in_state(ProbeState::retried), static_cast<long>(failed));
  EXPECT_GE(in_state(ProbeState::armed), static_cast<long>(kRoom));
  for (const auto* glob : {"w0", "w1", "w2"}) remove(glob);
  for (int i = 0; i < 200 && in_state(ProbeState::retried) != 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_EQ(in_state(ProbeState::armed), static_cast<long>(kRoom)) << "they come by themselves";
}

TEST_F(BudgetTest, WhatNeedsMoreDescriptorsIsRefusedBeforeAnythingIsArmed) {
  ControlOptions options = small();
  options.kernel_memory = 0;
  start(std::move(options));
  ASSERT_TRUE(try_add(specs(1, "first")).ok());
  const EngineStatus before = status();
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(before.descriptors_max, limit.rlim_cur);
  const rlimit lower{
      .rlim_cur = static_cast<rlim_t>(before.descriptors + kDescriptorsKept + 20 * cpus_),
      .rlim_max = limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &lower), 0);
  const auto refused = try_add(specs(30));
  const EngineStatus after = status();
  const auto taken = try_add(specs(10, "fits"));
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::exhausted);
  EXPECT_THAT(
      refused.error().message,
      HasSubstr(format("no file descriptor left for 30 events of the kernel's on {} CPU", cpus_)));
  EXPECT_EQ(after.event_bytes, before.event_bytes);
  EXPECT_EQ(after.descriptors_max, lower.rlim_cur);
  EXPECT_EQ(after.probes.size(), 1u);
  EXPECT_TRUE(taken.ok());
  const EngineStatus last = status();
  EXPECT_EQ(last.event_bytes, before.event_bytes + 10 * cpus_ * kEventBytes);
  EXPECT_GT(last.descriptors, before.descriptors);  // some were of the moment
}

}  // namespace
}  // namespace kprobed::engine
