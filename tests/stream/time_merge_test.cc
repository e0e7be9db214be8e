// SPDX-License-Identifier: Apache-2.0
#include "stream/time_merge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <sstream>
#include <string>

#include "make_record.h"

namespace kprobed::stream {
namespace {

using test::RecordBytes;

/// Records in a queue. Consumed ones stay until new ones come; then they are overwritten, as the
/// kernel would.
class FakeRing {
 public:
  void write(RecordBytes record) {
    consumed_.clear();
    records_.push_back(std::move(record));
  }
  Bytes peek() const { return records_.empty() ? Bytes{} : Bytes{records_.front()}; }
  void consume() {
    ASSERT_FALSE(records_.empty());
    consumed_.push_back(std::move(records_.front()));  // its bytes stay where they are
    records_.pop_front();
  }
  std::size_t left() const { return records_.size(); }

 private:
  std::deque<RecordBytes> records_, consumed_;
};

decode::Stamp at(std::uint64_t time_ns) {
  return {.id = 7, .pid = 1, .tid = 1, .time_ns = time_ns, .cpu = 0};
}

/// "12" a sample, "12l" a lost record, "12c" a rename, "o" Other, "b" Bad.
RecordBytes record(const std::string& word) {
  if (word == "o") return test::make_other();
  if (word == "b") return test::make_bad();
  const decode::Stamp stamp = at(std::stoull(word));
  if (word.back() == 'l') return test::make_lost(stamp, 3);
  if (word.back() == 'c') return test::make_comm(stamp, "ls");
  return test::make_sample(stamp);
}

struct Suffix {
  std::string operator()(const decode::Sample&) const { return ""; }
  std::string operator()(const decode::Lost&) const { return "l"; }
  std::string operator()(const decode::CommChange&) const { return "c"; }
  std::string operator()(const decode::Other&) const { return "o"; }
  std::string operator()(const decode::Bad&) const { return "b"; }
  template <typename T>
  std::string operator()(const T&) const {
    return "?";
  }
};

/// As in record(), then ":" and the ring, then "!" if late.
std::string show(const decode::Record& record, bool late, std::size_t ring) {
  const std::uint64_t time = decode::time_of(record);
  return (time == 0 ? "" : std::to_string(time)) + std::visit(Suffix{}, record) + ":" +
         std::to_string(ring) + (late ? "! " : " ");
}

struct Rings {
  explicit Rings(std::size_t count) : rings(count) {
    for (FakeRing& ring : rings) pointers.push_back(&ring);
  }
  std::deque<FakeRing> rings;
  std::vector<FakeRing*> pointers;
};

TEST(TimeMergeTest, Rounds) {
  struct Round {
    std::vector<std::string> arriving;  // by ring
    std::uint64_t limit_ns;
    std::string given;
  };
  struct Row {
    const char* name;
    std::vector<Round> rounds;
  };
  const Row rows[] = {
      {"nothing", {{{"", ""}, 100, ""}}},
      {"one ring", {{{"1 2 3"}, 100, "1:0 2:0 3:0 "}}},
      {"alternating", {{{"1 3 5", "2 4 6"}, 100, "1:0 2:1 3:0 4:1 5:0 6:1 "}}},
      {"runs", {{{"1 2 3 9", "4 5 6"}, 100, "1:0 2:0 3:0 4:1 5:1 6:1 9:0 "}}},
      {"an empty ring between", {{{"5", "", "4"}, 100, "4:2 5:0 "}}},
      {"equal times go by ring", {{{"5 5", "4 5", "5"}, 100, "4:1 5:0 5:0 5:1 5:2 "}}},
      {"the limit is included", {{{"9 10 11"}, 10, "9:0 10:0 "}, {{""}, 11, "11:0 "}}},
      {"a ring past the limit does not hold up the others",
       {{{"11 12", "1 2"}, 10, "1:1 2:1 "}, {{"", ""}, 20, "11:0 12:0 "}}},
      {"a limit of nothing", {{{"1"}, 0, ""}, {{""}, 1, "1:0 "}}},
      {"late in the next round",
       {{{"10", "20"}, 100, "10:0 20:1 "}, {{"15 25", "21"}, 100, "15:0! 21:1 25:0 "}}},
      {"several late ones in order",
       {{{"", "20"}, 100, "20:1 "}, {{"3 19 20", "7"}, 100, "3:0! 7:1! 19:0! 20:0 "}}},
      {"equal to the last is not late", {{{"20"}, 100, "20:0 "}, {{"20"}, 100, "20:0 "}}},
      {"disorder inside a ring", {{{"10 8 12", "9"}, 100, "9:1 10:0 8:0! 12:0 "}}},
      {"what stands behind a newer one waits with it",
       {{{"50 8", "9"}, 10, "9:1 "}, {{"", ""}, 60, "50:0 8:0! "}}},
      {"no time: given out when in front, and never late",
       {{{"10 o 20", "b 15 b"}, 100, "b:1 10:0 o:0 15:1 b:1 20:0 "}, {{"o", "b"}, 0, "o:0 b:1 "}}},
      {"every kind", {{{"3l 4", "1c 5c"}, 100, "1c:1 3l:0 4:0 5c:1 "}}},
      {"a ring that is new", {{{"1"}, 100, "1:0 "}, {{"4", "2"}, 100, "2:1 4:0 "}}},
      {"a ring that is gone", {{{"1", "2 9"}, 5, "1:0 2:1 "}, {{"3"}, 100, "3:0 "}}},
      {"more than eight rings",
       {{{"9", "8", "7", "6", "5", "4", "3", "2", "1", "10", "9"},
         100,
         "1:8 2:7 3:6 4:5 5:4 6:3 7:2 8:1 9:0 9:10 10:9 "}}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    std::deque<FakeRing> rings;
    TimeMerge<FakeRing> merge;
    for (const Round& round : row.rounds) {
      if (rings.size() < round.arriving.size()) rings.resize(round.arriving.size());
      std::vector<FakeRing*> pointers;
      for (std::size_t i = 0; i < round.arriving.size(); ++i) {
        std::istringstream words(round.arriving[i]);
        for (std::string word; words >> word;) rings[i].write(record(word));
        pointers.push_back(&rings[i]);
      }
      std::string given;
      std::size_t calls = 0;
      const std::size_t count = merge.drain(
          pointers, round.limit_ns, [&](const decode::Record& taken, bool late, std::size_t ring) {
            given += show(taken, late, ring);
            ++calls;
          });
      EXPECT_EQ(given, round.given);
      EXPECT_EQ(count, calls);
    }
  }
}

TEST(TimeMergeTest, NothingOfTheFutureHoldsUpItsRing) {
  constexpr std::uint64_t kNow = 5, kFar = kNow + TimeMerge<FakeRing>::kFutureNs;
  FakeRing ring, other, empty;
  for (const std::uint64_t time : {kFar + 1, ~std::uint64_t{0}, kFar, kFar + 1})
    ring.write(record(std::to_string(time)));
  other.write(record("6"));
  const std::vector<FakeRing*> rings = {&ring, &other, &empty};
  std::vector<std::uint64_t> passed;
  const auto note = [&](Bytes bytes) { passed.push_back(decode::peek_time(bytes)); };
  TimeMerge<FakeRing>::pass_over_future(rings, kNow, note);
  EXPECT_EQ(passed, (std::vector<std::uint64_t>{kFar + 1, ~std::uint64_t{0}}));
  EXPECT_EQ(ring.left(), 2u) << "its time comes, and then that of the one behind it";
  EXPECT_EQ(other.left(), 1u);
  TimeMerge<FakeRing>::pass_over_future(rings, ~std::uint64_t{0}, note);
  EXPECT_EQ(passed.size(), 2u);
}

TEST(TimeMergeTest, LastTimeIsTheNewest) {
  Rings rings(1);
  TimeMerge<FakeRing> merge;
  EXPECT_EQ(merge.last_time(), 0u);
  for (const char* word : {"20", "10", "o"}) rings.rings[0].write(record(word));
  merge.drain(rings.pointers, 100, [](const decode::Record&, bool, std::size_t) {});
  EXPECT_EQ(merge.last_time(), 20u);
}

TEST(TimeMergeTest, OrderedRingsGiveWhatAStableSortGives) {
  std::mt19937 random(6182);
  for (int turn = 0; turn < 200; ++turn) {
    const std::size_t count = 1 + random() % 20;
    Rings rings(count);
    struct Item {
      std::uint64_t time;
      std::size_t ring;
      std::uint32_t serial;
    };
    std::vector<Item> expected;
    std::uint32_t serial = 0;
    for (std::size_t ring = 0; ring < count; ++ring) {
      std::uint64_t time = 1 + random() % 50;
      for (std::size_t left = random() % 60; left > 0; --left) {
        time += random() % 4 == 0 ? random() % 40 : random() % 2;  // ties, runs, gaps
        decode::Stamp stamp = at(time);
        stamp.tid = serial;
        rings.rings[ring].write(test::make_sample(stamp));
        expected.push_back({time, ring, serial++});
      }
    }
    std::stable_sort(expected.begin(), expected.end(),
                     [](const Item& a, const Item& b) { return a.time < b.time; });

    std::size_t next = 0;
    TimeMerge<FakeRing> merge;
    // In several rounds: the limit must not change the order.
    for (std::uint64_t limit = 0; next < expected.size(); limit += 1 + random() % 300) {
      merge.drain(rings.pointers, limit,
                  [&](const decode::Record& taken, bool late, std::size_t ring) {
                    ASSERT_LT(next, expected.size());
                    const auto& sample = std::get<decode::Sample>(taken);
                    EXPECT_EQ(sample.stamp.tid, expected[next].serial);
                    EXPECT_EQ(ring, expected[next].ring);
                    EXPECT_LE(sample.stamp.time_ns, limit);
                    EXPECT_FALSE(late);
                    ++next;
                  });
      ASSERT_TRUE(next == expected.size() || expected[next].time > limit);
    }
    for (const FakeRing& ring : rings.rings) EXPECT_EQ(ring.left(), 0u);
  }
}

/// What a merge of any number of rings gives, one record after the other.
std::string in_order(std::size_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  Rings rings(count);
  std::string given;
  TimeMerge<FakeRing> merge;
  for (std::uint64_t limit : {std::uint64_t{400}, std::uint64_t{5'000}, UINT64_MAX}) {
    for (int i = 0; i < 3000; ++i) {
      const std::size_t ring = random() % rings.rings.size();
      const auto kind = random() % 40;
      const std::uint64_t time = std::min<std::uint64_t>(limit, 9'000) - 300 + random() % 400;
      rings.rings[ring].write(record(kind == 0   ? "o"
                                     : kind == 1 ? "b"
                                                 : std::to_string(time) + (kind == 2 ? "l" : "")));
    }
    merge.drain(rings.pointers, limit, [&](const decode::Record& taken, bool late, std::size_t at) {
      given += show(taken, late, at);
    });
  }
  return given;
}

/// The definition: of the rings' fronts always the oldest, of equal ones the first.
std::string by_definition(std::size_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  struct One {
    std::uint64_t time;
    std::string word;
  };
  std::vector<std::deque<One>> rings(count);
  std::string given;
  std::uint64_t newest = 0;
  for (std::uint64_t limit : {std::uint64_t{400}, std::uint64_t{5'000}, UINT64_MAX}) {
    for (int i = 0; i < 3000; ++i) {
      const std::size_t ring = random() % count;
      const auto kind = random() % 40;
      const std::uint64_t time = std::min<std::uint64_t>(limit, 9'000) - 300 + random() % 400;
      if (kind <= 1) {
        rings[ring].push_back({0, kind == 0 ? "o" : "b"});
      } else {
        rings[ring].push_back({time, std::to_string(time) + (kind == 2 ? "l" : "")});
      }
    }
    while (true) {
      std::size_t oldest = count;
      for (std::size_t i = 0; i < count; ++i) {
        if (rings[i].empty() || rings[i].front().time > limit) continue;
        if (oldest == count || rings[i].front().time < rings[oldest].front().time) oldest = i;
      }
      if (oldest == count) break;
      const One one = rings[oldest].front();
      rings[oldest].pop_front();
      const bool late = one.time != 0 && one.time < newest;
      newest = std::max(newest, one.time);
      given += one.word + ":" + std::to_string(oldest) + (late ? "! " : " ");
    }
  }
  return given;
}

TEST(TimeMergeTest, ManyRingsInDisorderAreGivenAsDefined) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    for (const std::size_t count : {3u, 8u, 9u, 40u, 256u}) {
      EXPECT_EQ(in_order(count, seed), by_definition(count, seed)) << count << " " << seed;
    }
  }
}

TEST(TimeSort, SpansOfDays) {
  TimeSort sort;
  const std::uint64_t times[] = {std::uint64_t{1} << 63, 5, (std::uint64_t{1} << 63) + 1, 5, 0};
  for (std::uint32_t i = 0; i < 5; ++i)
    sort.add(times[i], {.data = nullptr, .bytes = 0, .ring = i});
  std::vector<std::uint32_t> given;
  sort.drain([&](const TimeSort::Item& item) { given.push_back(item.ring); });
  EXPECT_EQ(given, (std::vector<std::uint32_t>{4, 1, 3, 0, 2}));
  EXPECT_EQ(sort.size(), 0u);
}

TEST(TimeMergeTest, DisorderLosesNothingAndIsMarked) {
  std::mt19937 random(510);
  for (int turn = 0; turn < 200; ++turn) {
    const std::size_t count = 1 + random() % 12;
    Rings rings(count);
    std::size_t written = 0, given = 0;
    std::uint64_t newest = 0;
    std::vector<std::uint32_t> next_of(count, 0);
    TimeMerge<FakeRing> merge;
    for (int round = 0; round < 4; ++round) {
      for (std::size_t ring = 0; ring < count; ++ring) {
        for (std::size_t left = random() % 20; left > 0; --left) {
          decode::Stamp stamp = at(1 + random() % 1000);
          stamp.tid = static_cast<std::uint32_t>(written++);
          rings.rings[ring].write(test::make_sample(stamp));
        }
      }
      const std::uint64_t limit = round == 3 ? 1000 : random() % 1000;
      merge.drain(rings.pointers, limit,
                  [&](const decode::Record& taken, bool late, std::size_t ring) {
                    const auto& stamp = std::get<decode::Sample>(taken).stamp;
                    EXPECT_EQ(late, stamp.time_ns < newest);
                    newest = std::max(newest, stamp.time_ns);
                    EXPECT_GE(stamp.tid, next_of[ring]);  // a ring's own order is kept
                    next_of[ring] = stamp.tid + 1;
                    ++given;
                  });
    }
    EXPECT_EQ(given, written);
  }
}

}  // namespace
}  // namespace kprobed::stream
