// SPDX-License-Identifier: Apache-2.0
//
// Events and rings of the running kernel. Needs root and a mounted tracefs with uprobe_events; that
// they are there is for scripts/test to decide, so their absence is a failure here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <numeric>

#include "arch/arch_abi.h"
#include "decode/field_plan.h"
#include "live_ring.h"
#include "ringbuf/attached_event.h"
#include "self_uprobe.h"

namespace kprobed::ringbuf {
namespace {

using decode::Show;
using testing::ElementsAre;
using testing::HasSubstr;

#define ASSERT_DONE(result) ASSERT_TRUE((result).ok()) << describe((result).error())

decode::WantedField field(const char* name, Show show) {
  return {.name = name, .kernel_name = name, .shape = {.show = show}};
}

decode::Value one(decode::Scalar scalar) { return scalar; }

class LiveEvents : public testing::Test {
 protected:
  /// A uprobe on kprobed_probe_me and rings on every CPU, the event not yet enabled.
  void start(const RingOptions& options) {
    auto probe = SelfUprobe::define('p', "call", all_arguments());
    ASSERT_DONE(probe);
    probe_.emplace(std::move(probe).value());
    auto rings = open_rings(options);
    ASSERT_DONE(rings);
    rings_ = std::move(rings).value();
    ASSERT_FALSE(rings_.empty());
    auto event = AttachedEvent::open(probe_->id(), rings_);
    ASSERT_DONE(event);
    event_.emplace(std::move(event).value());
    ASSERT_EQ(event_->cpus(), rings_.size());
    auto format = decode::parse_format(probe_->format_text());
    ASSERT_DONE(format);
    auto plan = decode::compile(
        *format,
        {field("n", Show::unsigned_number), field("tiny", Show::unsigned_number),
         field("half", Show::hex), field("less", Show::signed_number), field("text", Show::text),
         field("empty", Show::text), field("fault", Show::text)},
        kHostOrder, arch::host()->word_bytes);
    ASSERT_DONE(plan);
    plan_ = std::move(plan).value();
  }

  /// The `n` of each sample, in the order of the ring. Anything else in there is a failure.
  std::vector<std::uint64_t> numbers(MappedRing& ring) {
    std::vector<std::uint64_t> all;
    for (const OwnedRecord& record : drain(ring)) {
      const decode::Record parsed = record.parsed();
      const auto* sample = std::get_if<decode::Sample>(&parsed);
      if (sample == nullptr) {
        ADD_FAILURE() << "record of kind " << parsed.index();
        continue;
      }
      all.push_back(decode::read_number(plan_.ops[0], sample->raw.data(), plan_.order));
    }
    return all;
  }

  // Descriptors close before the line in uprobe_events goes, or that would be EBUSY.
  std::optional<SelfUprobe> probe_;
  std::vector<MappedRing> rings_;
  std::optional<AttachedEvent> event_;
  decode::FieldPlan plan_;
};

std::vector<std::uint64_t> counted(std::uint64_t first, std::size_t count) {
  std::vector<std::uint64_t> all(count);
  std::iota(all.begin(), all.end(), first);
  return all;
}

void call(std::uint64_t first, std::uint64_t count) {
  for (std::uint64_t n = first; n < first + count; ++n) kprobed_probe_me(n, "", "", "", 0);
}

TEST_F(LiveEvents, APeriodBeginsWhereItIsSet) {
  ASSERT_NO_FATAL_FAILURE(start({.data_bytes = 256 * 1024}));
  ASSERT_DONE(event_->enable());
  ASSERT_DONE(pin_to(rings_.front().cpu()));
  std::uint64_t calls = 0, samples = 0;
  const auto hit = [&](std::uint64_t count) {
    call(0, count);
    calls += count;
    samples += numbers(rings_.front()).size();
  };
  hit(100);
  constexpr std::uint64_t kNever = std::uint64_t{1} << 62;
  for (const std::uint64_t period :
       {std::uint64_t{8}, std::uint64_t{2}, std::uint64_t{1}, std::uint64_t{64}, kNever,
        std::uint64_t{16}, std::uint64_t{1}, kNever, std::uint64_t{1}, std::uint64_t{2}}) {
    ASSERT_DONE(event_->set_period(period));
    const std::uint64_t calls_before = calls, samples_before = samples;
    for (const std::uint64_t count : {0, 1, 1, 14, 1000}) {
      hit(count);
      const auto counts = event_->counts();
      ASSERT_DONE(counts);
      EXPECT_EQ(counts->hits, calls);
      EXPECT_EQ(counts->lost, 0u);
      EXPECT_EQ(samples - samples_before, (calls - calls_before) / period) << "one in " << period;
      EXPECT_EQ(counts->made, (Bounds{samples, samples}));
    }
    if (period == 64) {  // silenced meanwhile: it goes on where it was
      ASSERT_DONE(event_->disable());
      ASSERT_DONE(event_->enable());
    }
  }
}

TEST_F(LiveEvents, EveryCallArrivesOnceInOrderWithItsValues) {
  ASSERT_NO_FATAL_FAILURE(start({.data_bytes = 256 * 1024}));
  constexpr std::uint64_t kCalls = 500;
  ASSERT_DONE(event_->enable());
  for (const MappedRing& ring : rings_) {
    ASSERT_DONE(pin_to(ring.cpu()));
    for (std::uint64_t i = 0; i < kCalls; ++i) {
      const std::uint64_t n = ring.cpu() * 1'000'000 + i;
      const std::string text = "call " + std::to_string(n);
      kprobed_probe_me(n, text.c_str(), "", nullptr, -static_cast<std::int32_t>(i));
    }
  }
  ASSERT_DONE(event_->disable());
  call(7, 3);  // disabled: nobody hears of these

  std::uint64_t last_time = 0;
  for (std::size_t r = 0; r < rings_.size(); ++r) {
    const unsigned cpu = rings_[r].cpu();
    const auto records = drain(rings_[r]);
    ASSERT_EQ(records.size(), kCalls) << "CPU " << cpu;
    for (std::uint64_t i = 0; i < kCalls; ++i) {
      const decode::Record record = records[i].parsed();
      const auto* sample = std::get_if<decode::Sample>(&record);
      ASSERT_NE(sample, nullptr) << i;
      const auto self = static_cast<std::uint32_t>(::getpid());
      EXPECT_EQ(sample->stamp, (decode::Stamp{.id = event_->ids()[r],
                                              .pid = self,
                                              .tid = self,
                                              .time_ns = sample->stamp.time_ns,
                                              .cpu = cpu}));
      EXPECT_GT(sample->stamp.time_ns, last_time);
      last_time = sample->stamp.time_ns;
      const auto got = decode::values(plan_, sample->raw);
      ASSERT_DONE(got);
      const std::uint64_t n = cpu * 1'000'000 + i;
      EXPECT_THAT(*got,
                  ElementsAre(one(n), one(n & 0xff), one(decode::Hex{n & 0xffff}),
                              one(-static_cast<std::int64_t>(i)), one("call " + std::to_string(n)),
                              one(std::string()), one(decode::Fault{})));
    }
    EXPECT_EQ(rings_[r].reader().malformed_times(), 0u);
  }
  const auto counts = event_->counts();
  ASSERT_DONE(counts);
  EXPECT_EQ(counts->hits, kCalls * rings_.size());
  EXPECT_EQ(counts->lost, 0u);
}

TEST_F(LiveEvents, RecordsWrapAroundASmallRing) {
  ASSERT_NO_FATAL_FAILURE(start({.data_bytes = 4096}));
  ASSERT_DONE(pin_to(rings_[0].cpu()));
  ASSERT_DONE(event_->enable());
  std::vector<std::uint64_t> all;
  for (std::uint64_t n = 0; n < 3000; n += 10) {
    call(n, 10);
    const auto some = numbers(rings_[0]);
    all.insert(all.end(), some.begin(), some.end());
  }
  EXPECT_EQ(all, counted(0, 3000));
  EXPECT_GT(rings_[0].reader().tail(), 50u * 4096);
  EXPECT_EQ(rings_[0].reader().malformed_times(), 0u);
}

TEST_F(LiveEvents, WritesNothingUntilEnabled) {
  ASSERT_NO_FATAL_FAILURE(start({.data_bytes = 4096}));
  ASSERT_DONE(pin_to(rings_[0].cpu()));
  call(0, 5);
  EXPECT_THAT(numbers(rings_[0]), ElementsAre());
  ASSERT_DONE(event_->enable());
  call(5, 2);
  ASSERT_DONE(event_->disable());
  call(7, 2);
  ASSERT_DONE(event_->enable());
  call(9, 1);
  EXPECT_THAT(numbers(rings_[0]), ElementsAre(5, 6, 9));
}

/// Asked of the kernel apart from the code under test: PERF_FORMAT_LOST came with 6.0.
bool kernel_counts_losses() {
  perf_event_attr attr{};
  attr.size = sizeof attr;
  attr.type = PERF_TYPE_SOFTWARE;
  attr.config = PERF_COUNT_SW_DUMMY;
  attr.read_format = PERF_FORMAT_LOST;
  const UniqueFd fd(static_cast<int>(::syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0)));
  return fd.valid();
}

TEST_F(LiveEvents, LossesAddUp) {
  ASSERT_NO_FATAL_FAILURE(start({.data_bytes = 4096}));
  MappedRing& ring = rings_[0];
  ASSERT_DONE(pin_to(ring.cpu()));
  ASSERT_DONE(event_->enable());
  constexpr std::uint64_t kCalls = 1000;
  call(0, kCalls);
  const auto before = event_->counts();
  ASSERT_DONE(before);
  const std::vector<std::uint64_t> kept = numbers(ring);
  EXPECT_EQ(kept, counted(0, kept.size()));  // what found room are the first ones
  ASSERT_LT(kept.size(), kCalls);
  EXPECT_EQ(before->hits, kCalls);
  // PERF_FORMAT_LOST tells at once, PERF_RECORD_LOST with the next event.
  EXPECT_EQ(before->has_lost, kernel_counts_losses());
  EXPECT_EQ(before->lost, before->has_lost ? kCalls - kept.size() : 0);

  call(kCalls, 1);
  const auto records = drain(ring);
  ASSERT_EQ(records.size(), 2u);
  const decode::Record first = records[0].parsed(), second = records[1].parsed();
  const auto* lost = std::get_if<decode::Lost>(&first);
  ASSERT_NE(lost, nullptr);
  EXPECT_EQ(lost->count, kCalls - kept.size());
  EXPECT_EQ(lost->stamp.id, event_->ids()[0]);
  EXPECT_EQ(lost->stamp.cpu, ring.cpu());
  EXPECT_TRUE(std::holds_alternative<decode::Sample>(second));
  const auto after = event_->counts();
  ASSERT_DONE(after);
  EXPECT_EQ(after->hits, kCalls + 1);
  EXPECT_EQ(after->lost, before->lost);
  const auto by_cpu = event_->counts_by_cpu();
  ASSERT_DONE(by_cpu);
  ASSERT_EQ(by_cpu->size(), rings_.size());
  for (const CpuCounts& on : *by_cpu) {
    const bool here = on.cpu == ring.cpu();
    EXPECT_EQ(on.counts.hits, here ? after->hits : 0) << "CPU " << on.cpu;
    EXPECT_EQ(on.counts.lost, here ? after->lost : 0) << "CPU " << on.cpu;
  }
}

TEST_F(LiveEvents, APollerWakesAfterTheWatermark) {
  ASSERT_NO_FATAL_FAILURE(start({.data_bytes = 64 * 1024, .wakeup_bytes = 8 * 1024}));
  MappedRing& ring = rings_[0];
  ASSERT_DONE(pin_to(ring.cpu()));
  ASSERT_DONE(event_->enable());
  pollfd leader{.fd = ring.leader_fd(), .events = POLLIN, .revents = 0};
  call(0, 10);  // under 2 KiB
  EXPECT_EQ(::poll(&leader, 1, 0), 0);
  call(10, 200);
  ASSERT_EQ(::poll(&leader, 1, 10'000), 1);
  EXPECT_EQ(leader.revents, POLLIN);
  EXPECT_EQ(numbers(ring), counted(0, 210));
  EXPECT_EQ(::poll(&leader, 1, 0), 0);
}

TEST_F(LiveEvents, MovesBetweenRingsWhileEnabled) {
  ASSERT_NO_FATAL_FAILURE(start({.data_bytes = 64 * 1024}));
  const unsigned cpu = rings_[0].cpu();
  ASSERT_DONE(pin_to(cpu));
  auto other = MappedRing::open(cpu, {.data_bytes = 64 * 1024});
  ASSERT_DONE(other);
  const auto fd = open_trace_event(probe_->id(), cpu);
  ASSERT_DONE(fd);
  ASSERT_DONE(redirect(fd->get(), rings_[0].leader_fd()));
  ASSERT_DONE(enable(fd->get()));
  call(0, 3);
  ASSERT_DONE(redirect(fd->get(), other->leader_fd()));
  call(3, 2);
  ASSERT_DONE(redirect(fd->get(), rings_[0].leader_fd()));
  call(5, 1);
  EXPECT_THAT(numbers(rings_[0]), ElementsAre(0, 1, 2, 5));
  EXPECT_THAT(numbers(*other), ElementsAre(3, 4));
}

TEST_F(LiveEvents, RedirectsOnlyWithinOneCpu) {
  ASSERT_NO_FATAL_FAILURE(start({.data_bytes = 4096}));
  const auto fd = open_trace_event(probe_->id(), rings_[0].cpu());
  ASSERT_DONE(fd);
  // Itself on any machine, the other CPUs where there are some.
  std::vector<int> wrong = {fd->get()};
  for (std::size_t r = 1; r < rings_.size(); ++r) wrong.push_back(rings_[r].leader_fd());
  for (const int leader : wrong) {
    const auto done = redirect(fd->get(), leader);
    ASSERT_FALSE(done.ok()) << leader;
    EXPECT_EQ(done.error().code, ErrorCode::kernel_refused);
    EXPECT_EQ(done.error().sys_errno, EINVAL);
  }
}

/// The first record of kind T, of all CPUs, that `matches`.
template <typename T, typename Matches>
std::optional<T> find_record(std::vector<std::vector<OwnedRecord>>& all, Matches matches) {
  for (const auto& records : all) {
    for (const OwnedRecord& record : records) {
      const decode::Record parsed = record.parsed();
      if (const T* found = std::get_if<T>(&parsed); found && matches(*found)) return *found;
    }
  }
  return std::nullopt;
}

TEST(SideBand, TellsOfNewNamesAndTasks) {
  auto rings = open_rings({.data_bytes = 1 << 20, .side_band = true});
  ASSERT_DONE(rings);
  const auto self = static_cast<std::uint32_t>(::getpid());
  ::prctl(PR_SET_NAME, "fifteen letters");
  const pid_t child_pid = ::fork();
  ASSERT_GE(child_pid, 0);
  if (child_pid == 0) ::_exit(0);
  ::waitpid(child_pid, nullptr, 0);
  const auto child = static_cast<std::uint32_t>(child_pid);

  std::vector<std::vector<OwnedRecord>> all;
  for (MappedRing& ring : *rings) all.push_back(drain(ring));
  const auto comm =
      find_record<decode::CommChange>(all, [&](const auto& record) { return record.pid == self; });
  ASSERT_TRUE(comm);
  EXPECT_EQ(comm->comm, "fifteen letters");
  EXPECT_EQ(comm->tid, self);
  const auto fork =
      find_record<decode::Fork>(all, [&](const auto& record) { return record.pid == child; });
  ASSERT_TRUE(fork);
  EXPECT_EQ(fork->ppid, self);
  EXPECT_EQ(fork->tid, child);
  EXPECT_GT(fork->stamp.time_ns, comm->stamp.time_ns);
  const auto exit =
      find_record<decode::Exit>(all, [&](const auto& record) { return record.pid == child; });
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->tid, child);
  EXPECT_GT(exit->stamp.time_ns, fork->stamp.time_ns);
}

TEST(SideBand, IsNotThereUnlessAskedFor) {
  auto rings = open_rings({.data_bytes = 4096});
  ASSERT_DONE(rings);
  ::prctl(PR_SET_NAME, "nobody hears");
  for (MappedRing& ring : *rings) EXPECT_TRUE(drain(ring).empty());
}

}  // namespace
}  // namespace kprobed::ringbuf
