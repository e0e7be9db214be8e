// SPDX-License-Identifier: Apache-2.0
//
// One thread writes, eight read at their own speeds, each with its own filter. Whatever they make
// of it: every line was taken, did not match, or was reported dropped. Run with
// KPROBED_SANITIZE=thread.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <functional>
#include <thread>
#include <utility>

#include "base/text.h"
#include "make_chunk.h"
#include "stream/log_cursor.h"

namespace kprobed::stream {
namespace {

using test::Line;
using test::make_chunk;

constexpr std::uint64_t kLines = 100'000;
constexpr std::uint32_t kProbes = 4;  ///< "a1", "a2", "b3", "b4"; every fifth line has none

std::uint32_t probe_of(std::uint64_t seq) { return static_cast<std::uint32_t>(seq % 5); }
std::uint32_t pid_of(std::uint64_t seq) { return static_cast<std::uint32_t>(seq % 7); }
bool is_event(std::uint64_t seq) { return probe_of(seq) != 0 && seq % 11 != 0; }

struct Reader {
  const char* name;
  LogFilter filter;
  std::function<bool(std::uint64_t seq)> expects;
  std::size_t max_bytes, max_lines;
  bool waits;  ///< after its first lines, until everything is written
};

const Reader kReaders[] = {
    {"all", {}, [](std::uint64_t) { return true; }, 1 << 16, 1 << 16, false},
    {"all, in small bites", {}, [](std::uint64_t) { return true; }, 20, 1 << 16, false},
    {"all, line by line", {}, [](std::uint64_t) { return true; }, 1 << 16, 1, false},
    {"all, asleep", {}, [](std::uint64_t) { return true; }, 100, 1 << 16, true},
    {"a*",
     {{"a*"}, {}, {}},
     [](std::uint64_t seq) { return probe_of(seq) <= 2; },
     1 << 12,
     300,
     false},
    {"two of seven",
     {{}, {5, 3}, {}},
     [](std::uint64_t seq) { return !is_event(seq) || pid_of(seq) == 3 || pid_of(seq) == 5; },
     1 << 12,
     77,
     false},
    {"b4, not idle, asleep",
     {{"b4"}, {}, {0}},
     [](std::uint64_t seq) {
       return probe_of(seq) == 0 || (probe_of(seq) == 4 && (!is_event(seq) || pid_of(seq) != 0));
     },
     64,
     1000,
     true},
    {"nothing",
     {{"c*"}, {}, {}},
     [](std::uint64_t seq) { return probe_of(seq) == 0; },
     1 << 12,
     5000,
     false},
};

struct Shared {
  explicit Shared(std::size_t max_bytes) : log(max_bytes, "id") {}
  StreamLog log;
  ProbeDirectory directory;
  std::atomic<std::size_t> begun{0};  ///< readers with a cursor
  std::atomic<bool> written{false};
};

void write_all(Shared& shared) {
  for (std::uint64_t next = 1, round = 0; next <= kLines; ++round) {
    const std::uint64_t count = std::min(round * 37 % 200 + 1, kLines + 1 - next);
    std::vector<Line> lines;
    for (std::uint64_t seq = next; seq < next + count; ++seq) {
      // Probes come while others are being read, each before its first line.
      if (seq <= kProbes) {
        const std::string number = std::to_string(seq);
        const std::string name = (seq <= 2 ? "a" : "b") + number;
        EXPECT_EQ(shared.directory.add(name, "schema " + number + "\n"), seq);
      }
      lines.push_back({probe_of(seq), pid_of(seq), is_event(seq)});
    }
    shared.log.publish(make_chunk(next, lines));
    const StreamLog::Extent extent = shared.log.extent();
    EXPECT_LE(extent.bytes, extent.max_bytes);
    next += count;
  }
  shared.written = true;
  shared.written.notify_all();
}

struct Taken {
  std::string text;
  CursorCounts counts;
};

void read_all(const Reader& reader, Shared& shared, Taken& taken) {
  LogCursor cursor(shared.log, shared.directory, reader.filter, 1);
  ++shared.begun;
  shared.begun.notify_all();
  while (cursor.next_seq() <= kLines) {
    if (!cursor.take(taken.text, reader.max_bytes, reader.max_lines)) std::this_thread::yield();
    if (reader.waits && cursor.next_seq() > 1) shared.written.wait(false);
  }
  taken.counts = cursor.counts();
}

/// Follows what a reader took, line by line. "" if it all adds up.
std::string account(const Reader& reader, const Taken& taken) {
  std::uint64_t next = 1, sent = 0, dropped = 0, passed = 0;
  bool schemas[kProbes + 1] = {};
  const auto pass_to = [&](std::uint64_t seq) {
    for (; next < seq; ++next, ++passed) {
      if (reader.expects(next)) return false;
    }
    return next == seq;
  };
  for (const std::string_view line : split_lines(taken.text)) {
    const std::string text(line);
    unsigned long long from = 0, to = 0;
    if (std::sscanf(text.c_str(), "schema %llu", &from) == 1) {
      if (std::exchange(schemas[from], true)) return "again: " + text;
    } else if (std::sscanf(text.c_str(), R"({"type":"dropped","from":%llu,"to":%llu})", &from,
                           &to) == 2) {
      if (!pass_to(from) || to < from) return "out of place: " + text;
      dropped += to - from + 1;
      next = to + 1;
    } else {
      const std::uint64_t seq = parse_number(line).value_or(0);
      if (!pass_to(seq) || !reader.expects(seq)) return "out of place: " + text;
      if (is_event(seq) && !schemas[probe_of(seq)]) return "before its schema: " + text;
      ++sent;
      ++next;
    }
  }
  if (!pass_to(kLines + 1)) return "missing: " + std::to_string(next);
  if (sent != taken.counts.matched) return "miscounted matches";
  if (dropped != taken.counts.dropped) return "miscounted drops";
  return sent + dropped + passed == kLines ? "" : "does not add up";
}

TEST(LogThreadsTest, EveryLineIsAccountedFor) {
  struct Row {
    const char* name;
    std::size_t max_bytes;
    bool drops;  ///< those that wait must have some; else nobody may
  };
  const Row rows[] = {
      {"a small log", std::size_t{64} << 10, true},
      {"a log for all", std::size_t{64} << 20, false},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Shared shared(row.max_bytes);
    std::vector<Taken> taken(std::size(kReaders));
    {
      std::vector<std::thread> threads;
      for (std::size_t i = 0; i < std::size(kReaders); ++i) {
        threads.emplace_back([&, i] { read_all(kReaders[i], shared, taken[i]); });
      }
      for (std::size_t begun = 0; begun < std::size(kReaders); begun = shared.begun) {
        shared.begun.wait(begun);
      }
      write_all(shared);
      for (std::thread& thread : threads) thread.join();
    }
    for (std::size_t i = 0; i < std::size(kReaders); ++i) {
      SCOPED_TRACE(kReaders[i].name);
      EXPECT_EQ(account(kReaders[i], taken[i]), "");
      if (!row.drops) {
        EXPECT_EQ(taken[i].counts.dropped, 0u);
      } else if (kReaders[i].waits) {
        EXPECT_GT(taken[i].counts.dropped, 0u);
      }
    }
  }
}

}  // namespace
}  // namespace kprobed::stream
