// SPDX-License-Identifier: Apache-2.0
//
// Nothing is allocated per event (DESIGN 6). Counts every operator new of this program.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "make_event.h"
#include "stream/json_encoder.h"
#include "stream/json_lines.h"
#include "stream/text_lines.h"
#include "stream/time_merge.h"

namespace {
std::atomic<std::size_t> allocations{0};
}

// Both forms, or a sanitizer's own second form would not fit our delete. Not inlined: g++ 12 would
// take a malloc seen beside a delete for a mismatch.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (void* memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace kprobed::stream {
namespace {

using test::OneEvent;
using test::Show;

class AllocationTest : public testing::Test {
 protected:
  test::FewNames names_{
      {{0xffffffff81250000, "a_function_with_a_long_name_of_its_own [in_some_module]"}}};
  WallClock clock_;
  OneEvent one_{{"probe_with_a_long_name_too", 'r', "another_function_with_a_long_name", 0, "r f"},
                {{"rv", Show::signed_number, 8, 0xfffffffffffffffe},
                 {"flags", Show::hex, 8, 0xffffffff81234567},
                 {"length", Show::unsigned_number, 8, 1234567890123},
                 {"path", Show::text, 4, 0, "/usr/lib/x86_64-linux-gnu/libc.so.6 \"\\\n\x1b"},
                 {"odd", Show::text, 4, 0, "\xff not utf-8 \xc3"},
                 {"gone", Show::text, 4, 0, "", true},
                 test::numbers("words", Show::hex, 8, {1, 2, 0xffffffffffffffff}),
                 test::dynamic_numbers("addresses", Show::hex, 8, {0xdead, 0xbeef}),
                 test::numbers("mac", Show::unsigned_number, 1, {0, 255, 7}),
                 test::texts("argv", {{.name = "", .text = "/usr/bin/something-rather-long"},
                                      {.name = "", .fault = true},
                                      {.name = "", .text = "\xff"}}),
                 test::text_in_place("task", 16, "a long enough one"),
                 {"yes", Show::boolean, 1, 1},
                 {"letter", Show::character, 1, 'x'},
                 {"odd_letter", Show::character, 1, 0xff},
                 {"where", Show::symbol, 8, 0xffffffff81250010},
                 {"nowhere", Show::symbol, 8, 0xdead},
                 test::enumeration("mode", 4, 1, true, {{1, "A_RATHER_LONG_ENUMERATOR_NAME"}}),
                 test::enumeration("unknown_mode", 4, 7, true, {{1, "A"}})},
                0xffffffff81240000,
                0xffffffff81250010};
};

template <typename Lines>
std::size_t allocations_of_1000(Lines& lines, Event event) {
  std::string out;
  out.reserve(std::size_t{1} << 22);
  event.comm = "fifteen-bytes-x";
  lines.event(event, out);  // the clock's first second
  out.clear();
  const std::size_t before = allocations;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    event.seq = i;
    event.stamp.time_ns = i * 12'345'678;  // 12 seconds
    event.late = i % 2 == 0;
    lines.event(event, out);
  }
  const std::size_t after = allocations;
  EXPECT_GT(out.size(), 100'000u);
  return after - before;
}

TEST_F(AllocationTest, TheCounterCounts) {
  const std::size_t before = allocations;
  const auto text = std::make_unique<std::string>(100, 'x');
  EXPECT_EQ(allocations, before + 2);
}

/// The event as one of a probe with several functions.
void add_members(OneEvent& one) {
  for (std::uint64_t at = 0xffffffff81200000; at < 0xffffffff81280000; at += 0x1000)
    one.plan.members.push_back({at, at + 0x1000, "member_with_a_name_that_is_not_short"});
}

TEST_F(AllocationTest, JsonOfOneOfSeveralFunctions) {
  add_members(one_);
  JsonLines lines(names_, clock_);
  EXPECT_EQ(allocations_of_1000(lines, one_.event), 0u);
}

TEST_F(AllocationTest, TableOfOneOfSeveralFunctions) {
  add_members(one_);
  TableLines lines(names_, clock_);
  EXPECT_EQ(allocations_of_1000(lines, one_.event), 0u);
}

TEST_F(AllocationTest, Json) {
  JsonLines lines(names_, clock_);
  EXPECT_EQ(allocations_of_1000(lines, one_.event), 0u);
}

/// The fast encoder behind the same interface.
struct Encoder {
  JsonEncoder encoder;
  LineBuffer buffer{};
  bool event(const Event& event, std::string& out) {
    buffer.clear();
    if (!encoder.event(event, buffer)) return false;
    out.append(buffer.view());
    return true;
  }
};

TEST_F(AllocationTest, FastJson) {
  one_.plan.json = compile_json(one_.plan);
  Encoder lines{JsonEncoder(names_, clock_)};
  EXPECT_EQ(allocations_of_1000(lines, one_.event), 0u);
}

/// Nothing that the plain encoder must help with; every event of another thread.
TEST_F(AllocationTest, FastJsonOfManyTasks) {
  OneEvent one({"probe_with_a_long_name_too", 'r', "another_function_with_a_long_name", 0, "r f"},
               {{"rv", Show::signed_number, 8, 0xfffffffffffffffe},
                {"path", Show::text, 4, 0, "/usr/lib/x86_64-linux-gnu/libc.so.6 \"\\\n\x1b"},
                test::numbers("words", Show::hex, 8, {1, 2, 0xffffffffffffffff}),
                {"where", Show::symbol, 8, 0xffffffff81250010}},
               0xffffffff81240000, 0xffffffff81250020);
  add_members(one);
  one.plan.json = compile_json(one.plan);
  JsonEncoder encoder(names_, clock_);
  LineBuffer out;
  out.room(std::size_t{1} << 22);
  Event event = one.event;
  event.comm = "fifteen-bytes-x";
  encoder.event(event, out);
  const std::size_t before = allocations;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    event.seq = 9'500 + i;
    event.stamp.time_ns += 12'345'678;
    event.stamp.tid = i;
    encoder.event(event, out);
  }
  EXPECT_EQ(allocations, before);
  EXPECT_GT(out.size(), 100'000u);
}

TEST_F(AllocationTest, Trace) {
  TraceLines lines(names_);
  EXPECT_EQ(allocations_of_1000(lines, one_.event), 0u);
}

TEST_F(AllocationTest, Table) {
  TableLines lines(names_, clock_);
  EXPECT_EQ(allocations_of_1000(lines, one_.event), 0u);
}

/// The same few records again and again.
class EndlessRing {
 public:
  explicit EndlessRing(std::uint64_t first) {
    for (std::uint64_t i = 0; i < 10; ++i)
      records_.push_back(
          test::make_sample({.id = 7, .pid = 1, .tid = 1, .time_ns = first + 2 * i, .cpu = 0}));
  }
  Bytes peek() const { return at_ < records_.size() ? Bytes{records_[at_]} : Bytes{}; }
  void consume() { ++at_; }
  void rewind() { at_ = 0; }

 private:
  std::vector<test::RecordBytes> records_;
  std::size_t at_ = 0;
};

TEST_F(AllocationTest, MergeAfterItsFirstRound) {
  EndlessRing even(2), odd(3);
  const std::vector<EndlessRing*> rings{&even, &odd};
  TimeMerge<EndlessRing> merge;
  std::size_t before = 0, taken = 0;
  for (int round = 0; round < 100; ++round) {
    if (round == 1) before = allocations;
    even.rewind();
    odd.rewind();
    taken += merge.drain(rings, 1000, [](const decode::Record&, bool, std::size_t) {});
  }
  EXPECT_EQ(allocations, before);
  EXPECT_EQ(taken, 2000u);
}

}  // namespace
}  // namespace kprobed::stream
