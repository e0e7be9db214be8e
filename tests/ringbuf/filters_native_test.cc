// SPDX-License-Identifier: Apache-2.0
//
// Filters on events of the running kernel: what matches arrives and nothing else does. Needs root
// and a mounted tracefs with uprobe_events and the syscalls' tracepoints.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "arch/arch_abi.h"
#include "base/file.h"
#include "base/format.h"
#include "base/text.h"
#include "decode/field_plan.h"
#include "live_ring.h"
#include "ringbuf/attached_event.h"
#include "self_uprobe.h"

namespace kprobed::ringbuf {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

#define ASSERT_DONE(result) ASSERT_TRUE((result).ok()) << describe((result).error())

class LiveFilters : public testing::Test {
 protected:
  void SetUp() override {
    auto rings = open_rings({.data_bytes = 64 * 1024});
    ASSERT_DONE(rings);
    rings_ = std::move(rings).value();
    ASSERT_DONE(pin_to(rings_[0].cpu()));
  }

  /// One uprobe for all filters: each gets an event of its own.
  void define() {
    auto probe = SelfUprobe::define('p', "filtered", all_arguments());
    ASSERT_DONE(probe);
    probe_.emplace(std::move(probe).value());
    auto format = decode::parse_format(probe_->format_text());
    ASSERT_DONE(format);
    const decode::WantedField wanted = {
        .name = "n", .kernel_name = "n", .shape = {.show = decode::Show::unsigned_number}};
    auto plan = decode::compile(*format, {wanted}, kHostOrder, arch::host()->word_bytes);
    ASSERT_DONE(plan);
    plan_ = std::move(plan).value();
  }

  /// The samples in the ring of the CPU that we are pinned to.
  std::vector<OwnedRecord> samples() {
    std::vector<OwnedRecord> all;
    for (OwnedRecord& record : drain(rings_[0])) {
      const decode::Record parsed = record.parsed();
      if (std::holds_alternative<decode::Sample>(parsed)) all.push_back(std::move(record));
    }
    return all;
  }

  std::vector<std::uint64_t> numbers() {
    std::vector<std::uint64_t> all;
    for (const OwnedRecord& record : samples()) {
      const decode::Record parsed = record.parsed();
      const auto& sample = std::get<decode::Sample>(parsed);
      all.push_back(decode::read_number(plan_.ops[0], sample.raw.data(), plan_.order));
    }
    return all;
  }

  std::optional<SelfUprobe> probe_;
  std::vector<MappedRing> rings_;
  decode::FieldPlan plan_;
};

TEST_F(LiveFilters, LetThroughWhatMatches) {
  ASSERT_NO_FATAL_FAILURE(define());
  struct Row {
    std::string filter;
    std::vector<std::uint64_t> arrive;
  };
  const Row rows[] = {
      {"n == 3", {3}},
      {"n != 3", {1, 2, 4, 5}},
      {"n >= 2 && n < 5", {2, 3, 4}},
      {"n == 1 || !(n < 5)", {1, 5}},
      {"n & 0x4", {4, 5}},
      {"less < -3", {4, 5}},
      {"text == \"odd\"", {1, 3, 5}},
      {"text ~ \"e*\" && n > 2", {4}},
      {"text != \"odd\"", {2, 4}},
      {format("common_pid == {}", ::gettid()), {1, 2, 3, 4, 5}},
      {"common_pid == 0", {}},
      {format("cpu == {}", rings_[0].cpu()), {1, 2, 3, 4, 5}},
      {"comm == \"nobody\"", {}},
  };
  for (const Row& row : rows) {
    auto event = AttachedEvent::open(probe_->id(), rings_);
    ASSERT_DONE(event);
    ASSERT_DONE(event->set_filter(row.filter));
    ASSERT_DONE(event->enable());
    for (std::uint64_t n = 1; n <= 5; ++n) {
      kprobed_probe_me(n, n % 2 == 1 ? "odd" : "even", "", "", -static_cast<std::int32_t>(n));
    }
    ASSERT_DONE(event->disable());
    EXPECT_EQ(numbers(), row.arrive) << row.filter;
    const auto counts = event->counts();
    ASSERT_DONE(counts);
    EXPECT_EQ(counts->hits, row.arrive.size()) << row.filter;
  }
}

TEST_F(LiveFilters, AreRefusedWithoutTheErrnosOwnText) {
  ASSERT_NO_FATAL_FAILURE(define());
  struct Row {
    const char* filter;
    const char* says;
  };
  const Row rows[] = {
      {"m == 3", "a field that the event has not"},
      {"n = 3", "an operator"},
      {"n == x", "a value"},
      {"n == -1", "a value"},  // u64
      {"n ~ \"3\"", "an operator"},
      {"text == odd", "a value"},
      {"", "a field"},
      {"n == 3 and n == 4", "where '&&' or '||' should"},
      {"n == 3)", "a ')' alone"},
      {"(n == 3", "a '(' is not closed"},
      {"text == \"odd", "a quote is not closed"},
  };
  for (const Row& row : rows) {
    auto event = AttachedEvent::open(probe_->id(), rings_);
    ASSERT_DONE(event);
    const auto set = event->set_filter(row.filter);
    ASSERT_FALSE(set.ok()) << row.filter;
    EXPECT_EQ(word(set.error().code), word(ErrorCode::syntax)) << row.filter;
    EXPECT_THAT(set.error().message, HasSubstr(row.says)) << row.filter;
    EXPECT_EQ(set.error().sys_errno, 0) << row.filter;
  }
}

TEST_F(LiveFilters, AreSetOnce) {
  ASSERT_NO_FATAL_FAILURE(define());
  auto event = AttachedEvent::open(probe_->id(), rings_);
  ASSERT_DONE(event);
  ASSERT_DONE(event->set_filter("n == 1"));
  const auto again = event->set_filter("n == 2");
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code, ErrorCode::internal);
}

TEST_F(LiveFilters, WorkOnExistingTracepoints) {
  const auto id_text = read_file("/sys/kernel/tracing/events/syscalls/sys_enter_setpriority/id");
  ASSERT_DONE(id_text);
  const auto id = parse_number(trim(*id_text));
  ASSERT_TRUE(id);
  auto event = AttachedEvent::open(static_cast<std::uint32_t>(*id), rings_);
  ASSERT_DONE(event);
  ASSERT_EQ(event->cpus(), rings_.size());
  ASSERT_DONE(
      event->set_filter(format("which == 77 && niceval == 5 && common_pid == {}", ::gettid())));
  ASSERT_DONE(event->enable());
  // EINVAL each: there is no such `which`.
  for (const int which : {76, 77, 78}) {
    for (const int nice : {4, 5}) ::syscall(SYS_setpriority, which, 0, nice);
  }
  ASSERT_DONE(event->disable());
  const auto arrived = samples();
  ASSERT_EQ(arrived.size(), 1u);
  const decode::Record record = arrived[0].parsed();
  EXPECT_EQ(std::get<decode::Sample>(record).stamp.id, event->ids()[0]);
}

TEST_F(LiveFilters, AUprobeBeyondItsFileIsNamedAsOne) {
  auto probe = SelfUprobe::define_at('p', "beyond", 0x7fff0000);
  ASSERT_DONE(probe);
  const auto event = AttachedEvent::open(probe->id(), rings_);
  ASSERT_FALSE(event.ok());
  EXPECT_EQ(event.error().sys_errno, EINVAL);
  EXPECT_THAT(event.error().hint, HasSubstr("outside the file"));
}

}  // namespace
}  // namespace kprobed::ringbuf
