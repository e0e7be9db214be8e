// SPDX-License-Identifier: Apache-2.0
//
// Time order over the rings of 2 and of 256 CPUs, as the pump does it: records are read, parsed and
// handed out. `walk` is the same rings read one after the other, so that merge minus walk is what
// the order costs. Two loads: bursts (a CPU writes some 64 records before another one does) and
// random (every record comes from another CPU).
#include <benchmark/benchmark.h>

#include <random>

#include "captured.h"
#include "decode/record.h"
#include "stream/time_merge.h"

namespace kprobed::bench {
namespace {

constexpr std::size_t kRecords = 65'536;

/// A ring's records in one piece of memory, read again and again.
class Ring {
 public:
  void add(const ByteVector& record) { bytes_.insert(bytes_.end(), record.begin(), record.end()); }
  Bytes peek() const {
    return at_ < bytes_.size() ? Bytes(bytes_).subspan(at_, size_at(at_)) : Bytes{};
  }
  void consume() { at_ += size_at(at_); }
  void rewind() { at_ = 0; }

 private:
  std::size_t size_at(std::size_t at) const {
    return load<std::uint16_t>(bytes_.data() + at + 6, kHostOrder);
  }
  ByteVector bytes_;
  std::size_t at_ = 0;
};

std::vector<Ring> make_rings(std::size_t cpus, std::size_t burst) {
  const Captured captured = bench::captured("6.1/kprobes/__x64_sys_dup3",
                                            {{"di", "di", {.show = decode::Show::signed_number}}});
  std::vector<Ring> rings(cpus);
  std::mt19937 random(2009);
  std::size_t cpu = 0, left = 0;
  for (const ByteVector& record : many(captured, 0, kRecords)) {
    if (left == 0) {
      cpu = random() % cpus;
      left = burst == 1 ? 1 : burst / 2 + random() % burst;
    }
    rings[cpu].add(record);
    --left;
  }
  return rings;
}

void report(benchmark::State& state, std::uint64_t sum) {
  benchmark::DoNotOptimize(sum);
  state.counters["ns"] =
      benchmark::Counter(static_cast<double>(state.iterations() * kRecords) / 1e9,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

std::uint64_t look_at(const decode::Record& record) {
  const auto* sample = std::get_if<decode::Sample>(&record);
  return sample != nullptr ? sample->stamp.time_ns + sample->stamp.id : 0;
}

void merge(benchmark::State& state) {
  std::vector<Ring> rings = make_rings(static_cast<std::size_t>(state.range(0)),
                                       static_cast<std::size_t>(state.range(1)));
  std::vector<Ring*> pointers;
  for (Ring& ring : rings) pointers.push_back(&ring);
  stream::TimeMerge<Ring> merge;
  std::uint64_t sum = 0;
  for (auto _ : state) {
    for (Ring& ring : rings) ring.rewind();
    merge.drain(pointers, UINT64_MAX,
                [&](const decode::Record& record, bool, std::size_t) { sum += look_at(record); });
  }
  report(state, sum);
}

void walk(benchmark::State& state) {
  std::vector<Ring> rings = make_rings(static_cast<std::size_t>(state.range(0)),
                                       static_cast<std::size_t>(state.range(1)));
  std::uint64_t sum = 0;
  for (auto _ : state) {
    for (Ring& ring : rings) {
      ring.rewind();
      for (Bytes bytes = ring.peek(); !bytes.empty(); bytes = ring.peek()) {
        sum += look_at(decode::parse_record(bytes));
        ring.consume();
      }
    }
  }
  report(state, sum);
}

BENCHMARK(merge)->ArgNames({"cpus", "burst"})->ArgsProduct({{2, 256}, {1, 64}});
BENCHMARK(walk)->ArgNames({"cpus", "burst"})->ArgsProduct({{2, 256}, {1, 64}});

}  // namespace
}  // namespace kprobed::bench
