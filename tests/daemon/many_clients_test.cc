// SPDX-License-Identifier: Apache-2.0
//
// Sixteen clients of one log that is far too small for the slow ones: each gets exactly the lines
// that match its filter, or in their place a `dropped` line for exactly those that are missing.
#include <gmock/gmock.h>

#include <charconv>
#include <chrono>
#include <random>
#include <thread>

#include "fake_service.h"

namespace kprobed::daemon {
namespace {

using testing::HasSubstr;
using Match = bool (*)(std::string_view probe, std::uint32_t pid);

/// What is published, and how each client reads.
constexpr std::string_view kProbes[] = {"vfs_read", "vfs_write", "openat"};
constexpr std::uint32_t kPids = 5;
constexpr int kRounds = 12'000;
constexpr std::size_t kMostPerRound = 40, kAll = SIZE_MAX;

bool any(std::string_view, std::uint32_t) { return true; }
bool none(std::string_view, std::uint32_t) { return false; }
bool reads(std::string_view probe, std::uint32_t) { return probe == "vfs_read"; }
bool vfs(std::string_view probe, std::uint32_t) { return probe.starts_with("vfs_"); }
bool opens_or_writes(std::string_view probe, std::uint32_t) { return probe != "vfs_read"; }
bool pid_2(std::string_view, std::uint32_t pid) { return pid == 2; }
bool pid_1_or_4(std::string_view, std::uint32_t pid) { return pid == 1 || pid == 4; }
bool opens_of_3(std::string_view probe, std::uint32_t pid) { return probe == "openat" && pid == 3; }

struct Row {
  const char* params;
  Match match;
  std::size_t at_a_time = kAll;  ///< lines that it reads when it does
  int every = 1, pause = 0;      ///< in so many rounds, of which it stands still for these
  bool keeps_up = false;         ///< waits for all that was published: nothing may be dropped
  bool behind = false;           ///< something must be
};
constexpr Row kClients[] = {
    {.params = "{}", .match = any, .keeps_up = true},
    {.params = R"({"probes":["vfs_read"]})", .match = reads, .keeps_up = true},
    {.params = R"({"probes":["vfs_*"],"pids":[1,2,3,4,5]})", .match = vfs, .keeps_up = true},
    {.params = R"({"pids":[2]})", .match = pid_2, .keeps_up = true},
    {.params = R"({"probes":["nothing"]})", .match = none},
    {.params = "{}", .match = any},
    {.params = "{}", .match = any, .at_a_time = 3, .behind = true},
    {.params = "{}", .match = any, .every = 1500, .pause = 1499, .behind = true},
    {.params = "{}", .match = any, .every = kRounds, .pause = kRounds, .behind = true},
    {.params = R"({"probes":["vfs_*"]})", .match = vfs, .at_a_time = 1, .behind = true},
    {.params = R"({"probes":["vfs_*"]})", .match = vfs, .every = 2000, .pause = 1900},
    {.params = R"({"probes":["openat","vfs_write"]})",
     .match = opens_or_writes,
     .at_a_time = 2,
     .every = 3,
     .pause = 1,
     .behind = true},
    {.params = R"({"pids":[4,1]})", .match = pid_1_or_4, .every = 7, .pause = 6},
    {.params = R"({"pids":[1,4]})", .match = pid_1_or_4, .at_a_time = 1, .behind = true},
    {.params = R"({"probes":["openat"],"pids":[3]})", .match = opens_of_3},
    {.params = R"({"probes":["openat"],"pids":[3]})",
     .match = opens_of_3,
     .every = kRounds,
     .pause = kRounds},
};
static_assert(std::size(kClients) == 16);

std::uint64_t number(std::string_view line, std::string_view field) {
  const std::string key = "\"" + std::string(field) + "\":";
  const std::size_t at = line.find(key);
  std::uint64_t value = 0;
  if (at != line.npos) {
    std::from_chars(line.data() + at + key.size(), line.data() + line.size(), value);
  }
  return value;
}

using Lines = std::vector<FakeLine>;

/// A client, and whether what it reads is what it must be.
class Reader {
 public:
  Reader(FakeService& service, const Row& row, const Lines& published)
      : row_(row), published_(published), client_(service.connect()) {
    const std::string reply =
        client_.ask(std::string(R"({"method":"subscribe","params":)") + row.params + "}");
    EXPECT_THAT(reply, HasSubstr("result"));
    next_ = number(reply, "next_seq");
  }

  /// As its row says, after the round `round`.
  void turn(int round) {
    if (round % row_.every < row_.pause) return;
    if (row_.keeps_up) return catch_up();
    for (std::size_t n = 0; n < row_.at_a_time && client_.has_line(); ++n) take(client_.line());
  }
  /// Until nothing that was published can be for it any more.
  void catch_up() {
    while (!failed_ && first_match(next_, published_.size() + 1) != 0) take(client_.line());
  }

  bool failed() const { return failed_; }
  std::uint64_t sent() const { return sent_; }
  std::uint64_t dropped() const { return dropped_; }
  std::uint64_t drops() const { return drops_; }
  std::uint64_t skipped() const { return skipped_ + published_.size() + 1 - next_; }

 private:
  void take(const std::string& line) {
    if (line.starts_with(R"({"type":"schema")")) return schema(line);
    const bool gap = line.starts_with(R"({"type":"dropped")");
    const std::uint64_t from = number(line, gap ? "from" : "seq");
    const std::uint64_t to = gap ? number(line, "to") : from;
    if (!gap && !line.starts_with(R"({"type":"event")")) return fail("what is it", line);
    if (from < next_) return fail("a second time", line);
    if (to < from || to > published_.size()) return fail("there is no such line", line);
    if (const std::uint64_t seq = first_match(next_, from); seq != 0) {
      return fail("without a word, before this, line " + std::to_string(seq), line);
    }
    skipped_ += from - next_;
    if (gap) {
      dropped_ += to - from + 1;
      ++drops_;
    } else {
      if (!matches(from)) return fail("it does not match", line);
      if (line.size() + 1 < published_[from - 1].bytes) return fail("too short", line);
      if (!known_[published_[from - 1].probe]) return fail("before its schema", line);
      ++sent_;
    }
    next_ = to + 1;
  }
  void schema(const std::string& line) {
    for (std::uint32_t i = 0; i < std::size(kProbes); ++i) {
      if (line.find("\"" + std::string(kProbes[i]) + "\"") == line.npos) continue;
      if (std::exchange(known_[i + 1], true)) fail("a second time", line);
    }
  }
  bool matches(std::uint64_t seq) const {
    const FakeLine& line = published_[seq - 1];
    return row_.match(kProbes[line.probe - 1], line.pid);
  }
  /// The first line in [from, to) that is for this client, or 0.
  std::uint64_t first_match(std::uint64_t from, std::uint64_t to) const {
    for (; from < to; ++from) {
      if (matches(from)) return from;
    }
    return 0;
  }
  void fail(const std::string& why, const std::string& line) {
    failed_ = true;
    ADD_FAILURE() << row_.params << ": " << why << ": " << line.substr(0, 80) << " after line "
                  << next_ - 1;
  }

  const Row& row_;
  const Lines& published_;
  Client client_;
  std::uint64_t next_ = 0;  ///< the first line that it has heard nothing of
  std::uint64_t sent_ = 0, dropped_ = 0, drops_ = 0, skipped_ = 0;
  bool known_[std::size(kProbes) + 1] = {};
  bool failed_ = false;
};

TEST(ManyClients, EachGetsExactlyItsLinesOrIsToldWhichAreMissing) {
  FakeService service({.log_bytes = std::size_t{64} << 10});
  for (const std::string_view probe : kProbes) service.add_probe(std::string(probe));
  Lines published;
  std::vector<std::unique_ptr<Reader>> readers;
  for (const Row& row : kClients) {
    readers.push_back(std::make_unique<Reader>(service, row, published));
  }
  const auto all_add_up = [&] {
    const auto ledgers = service.ledgers();
    EXPECT_EQ(ledgers.size(), readers.size());
    for (const wire::ClientLedger& one : ledgers) {
      EXPECT_EQ(one.lines, published.size());
      EXPECT_EQ(one.matched, one.sent + one.dropped + one.pending);
      EXPECT_EQ(one.unexplained, 0);
    }
    return ledgers;
  };

  std::mt19937 dice(8);
  for (int round = 0; round < kRounds; ++round) {
    Lines fresh(1 + dice() % kMostPerRound);
    for (FakeLine& line : fresh) {
      line = {.bytes = 80 + dice() % 500,
              .pid = static_cast<std::uint32_t>(1 + dice() % kPids),
              .probe = static_cast<std::uint32_t>(1 + dice() % std::size(kProbes))};
    }
    published.insert(published.end(), fresh.begin(), fresh.end());
    service.publish(fresh);
    for (const auto& reader : readers) {
      reader->turn(round);
      ASSERT_FALSE(reader->failed());
    }
    if (round % 100 == 0) all_add_up();
  }
  for (const auto& reader : readers) {
    reader->catch_up();
    ASSERT_FALSE(reader->failed());
  }

  // At rest: what the daemon says is what each of them has seen.
  const auto pending = [&] {
    std::uint64_t sum = 0;
    for (const wire::ClientLedger& one : service.ledgers()) sum += one.pending;
    return sum;
  };
  for (int tries = 0; tries < 1000 && pending() != 0; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  const auto ledgers = all_add_up();
  std::uint64_t drops = 0;
  for (std::size_t i = 0; i < readers.size(); ++i) {
    SCOPED_TRACE(testing::Message() << "client " << i << " " << kClients[i].params);
    EXPECT_EQ(ledgers[i].pending, 0U);
    EXPECT_EQ(ledgers[i].sent, readers[i]->sent());
    EXPECT_EQ(ledgers[i].dropped, readers[i]->dropped());
    EXPECT_EQ(ledgers[i].skipped, readers[i]->skipped());
    if (kClients[i].keeps_up) {
      EXPECT_EQ(readers[i]->dropped(), 0U);
    }
    if (kClients[i].behind) {
      EXPECT_GT(readers[i]->dropped(), 0U);
    }
    drops += readers[i]->drops();
  }
  std::printf("%zu lines, %llu times dropped\n", published.size(),
              static_cast<unsigned long long>(drops));
}

}  // namespace
}  // namespace kprobed::daemon
