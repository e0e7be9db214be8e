// SPDX-License-Identifier: Apache-2.0
#include "decode/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/perf_event.h>

#include "decode/sample_layout.h"
#include "fixture.h"

namespace kprobed::decode {
namespace {

constexpr std::size_t kSizeOffset = 6;      // of the header's size
constexpr std::size_t kRawSizeOffset = 40;  // of a sample's raw_size

std::string_view kind(const Record& record) {
  constexpr std::string_view kNames[] = {"sample", "comm", "fork", "exit", "lost", "other", "bad"};
  return kNames[record.index()];
}

/// What a record says, without what it points to.
std::string reason(const Record& record) {
  const auto* bad = std::get_if<Bad>(&record);
  return bad ? std::string(bad->reason) : "";
}

ByteVector with_size(ByteVector bytes, std::size_t size) {
  bytes.resize(size);
  if (size >= 8) patch(bytes, kSizeOffset, static_cast<std::uint16_t>(size));
  return bytes;
}

TEST(ParseRecord, ReadsACapturedSample) {
  const ByteVector bytes = captured_record("host-6.18", "sample");
  const Record record = parse_record(bytes);
  const auto* sample = std::get_if<Sample>(&record);
  ASSERT_NE(sample, nullptr) << reason(record);
  const Stamp stamp{.id = 4,
                    .pid = load<std::uint32_t>(bytes.data() + 16, ByteOrder::little),
                    .tid = load<std::uint32_t>(bytes.data() + 20, ByteOrder::little),
                    .time_ns = load<std::uint64_t>(bytes.data() + 24, ByteOrder::little),
                    .cpu = 0};
  EXPECT_EQ(sample->stamp, stamp);
  EXPECT_EQ(sample->raw.data(), bytes.data() + 44);
  EXPECT_EQ(sample->raw.size(), 60u);  // the rest, padding included
  EXPECT_EQ(time_of(record), stamp.time_ns);
}

TEST(ParseRecord, ReadsTheCapturedSideBand) {
  const ByteVector sample_bytes = captured_record("host-6.18", "sample");
  const auto self = load<std::uint32_t>(sample_bytes.data() + 16, ByteOrder::little);
  std::uint64_t before = load<std::uint64_t>(sample_bytes.data() + 24, ByteOrder::little);

  const ByteVector comm_bytes = captured_record("host-6.18", "comm");
  const Record comm = parse_record(comm_bytes);
  ASSERT_EQ(kind(comm), "comm") << reason(comm);
  EXPECT_EQ(std::get<CommChange>(comm).comm, "capture comm");
  EXPECT_EQ(std::get<CommChange>(comm).pid, self);
  EXPECT_EQ(std::get<CommChange>(comm).tid, self);
  EXPECT_EQ(std::get<CommChange>(comm).stamp.pid, self);
  EXPECT_EQ(std::get<CommChange>(comm).stamp.id, 3u);
  EXPECT_GT(time_of(comm), before);
  before = time_of(comm);

  const ByteVector fork_bytes = captured_record("host-6.18", "fork");
  const Record fork = parse_record(fork_bytes);
  ASSERT_EQ(kind(fork), "fork") << reason(fork);
  const auto child = std::get<Fork>(fork).pid;
  EXPECT_NE(child, self);
  EXPECT_EQ(std::get<Fork>(fork).tid, child);
  EXPECT_EQ(std::get<Fork>(fork).ppid, self);
  EXPECT_EQ(std::get<Fork>(fork).ptid, self);
  EXPECT_GT(time_of(fork), before);
  before = time_of(fork);

  const ByteVector exit_bytes = captured_record("host-6.18", "exit");
  const Record exit = parse_record(exit_bytes);
  ASSERT_EQ(kind(exit), "exit") << reason(exit);
  EXPECT_EQ(std::get<Exit>(exit).pid, child);
  EXPECT_EQ(std::get<Exit>(exit).tid, child);
  EXPECT_GT(time_of(exit), before);

  const ByteVector lost_bytes = captured_record("host-6.18", "lost");
  const Record lost = parse_record(lost_bytes);
  ASSERT_EQ(kind(lost), "lost") << reason(lost);
  EXPECT_EQ(std::get<Lost>(lost).count, 0x3b5u);
  EXPECT_EQ(std::get<Lost>(lost).stamp.id, 5u);
  EXPECT_GT(time_of(lost), time_of(exit));
}

TEST(ParseRecord, ReadsTheOtherByteOrder) {
  constexpr auto kBig = ByteOrder::big;
  const ByteVector sample_bytes = from_hex(
      "00 00 00 09 | 00 02 | 00 30"                            // type, misc, size
      "| 00 00 00 00 00 00 01 02 | 00 00 00 0a | 00 00 00 0b"  // id, pid, tid
      "| 00 00 00 01 00 00 00 02 | 00 00 00 03 | 00 00 00 00"  // time, cpu
      "| 00 00 00 04 | 05 06 07 08");                          // raw
  const Record sample = parse_record(sample_bytes, kBig);
  ASSERT_EQ(kind(sample), "sample") << reason(sample);
  const Stamp stamp{.id = 0x102, .pid = 10, .tid = 11, .time_ns = 0x100000002, .cpu = 3};
  EXPECT_EQ(std::get<Sample>(sample).stamp, stamp);
  EXPECT_EQ(std::get<Sample>(sample).raw.size(), 4u);

  const ByteVector lost_bytes = from_hex(
      "00 00 00 02 | 00 00 | 00 38"
      "| 00 00 00 00 00 00 01 02 | 00 00 00 00 00 00 00 25"      // id, lost
      "| 00 00 00 0a | 00 00 00 0b | 00 00 00 01 00 00 00 02"    // pid, tid, time
      "| 00 00 00 03 | 00 00 00 00 | 00 00 00 00 00 00 01 02");  // cpu, id
  const Record lost = parse_record(lost_bytes, kBig);
  ASSERT_EQ(kind(lost), "lost") << reason(lost);
  EXPECT_EQ(std::get<Lost>(lost).count, 0x25u);
  EXPECT_EQ(std::get<Lost>(lost).stamp, stamp);
  EXPECT_EQ(reason(parse_record(lost_bytes, ByteOrder::little)),
            "record whose header states another size");
}

// Every prefix of every captured record, as it is and with a header that owns up to it. Each is a
// vector of exactly that length, so that a sanitizer sees any step outside.
TEST(ParseRecord, NeverReadsBeyondAPrefix) {
  const auto records = captured_records("host-6.18");
  ASSERT_GE(records.size(), 6u);
  for (const CapturedRecord& whole : records) {
    for (std::size_t length = 0; length < whole.bytes.size(); ++length) {
      SCOPED_TRACE(whole.name + " cut to " + std::to_string(length));
      const ByteVector cut(whole.bytes.begin(),
                           whole.bytes.begin() + static_cast<std::ptrdiff_t>(length));
      EXPECT_EQ(kind(parse_record(cut)), "bad");

      const ByteVector owned = with_size(whole.bytes, length);
      const Record record = parse_record(owned);
      const std::string_view got = kind(record);
      if (whole.name == "comm" && length >= 8 + 8 + 1 + kTrailerBytes) {
        EXPECT_THAT(got, testing::AnyOf("comm", "bad"));  // as far as its NUL
      } else if ((whole.name == "fork" || whole.name == "exit" || whole.name == "lost") &&
                 length >= whole.bytes.size()) {
        EXPECT_EQ(got, whole.name);
      } else {
        EXPECT_EQ(got, "bad");
      }
    }
  }
}

TEST(ParseRecord, RefusesLyingLengths) {
  struct Row {
    const char* why;
    std::string record;
    std::size_t at;  ///< of the 16 or 32 bits to overwrite
    std::uint32_t value;
    std::string reason;  ///< "": a valid record all the same
  };
  const std::string other_size = "record whose header states another size";
  const std::string too_long = "raw data longer than its sample";
  const Row rows[] = {
      {"header: one less", "sample", kSizeOffset, 0x67, other_size},
      {"header: one more", "sample", kSizeOffset, 0x69, other_size},
      {"header: none", "sample", kSizeOffset, 0, other_size},
      {"header: most", "comm", kSizeOffset, 0xffff, other_size},
      {"raw: as captured", "sample", kRawSizeOffset, 60, ""},
      {"raw: shorter", "sample", kRawSizeOffset, 52, ""},
      {"raw: none", "sample", kRawSizeOffset, 0, ""},
      {"raw: one more", "sample", kRawSizeOffset, 61, too_long},
      {"raw: the whole record", "sample", kRawSizeOffset, 0x68, too_long},
      {"raw: most", "sample", kRawSizeOffset, 0xffffffff, too_long},
      {"raw: wraps with the head", "sample", kRawSizeOffset, 0xffffffff - 43, too_long},
  };
  for (const Row& row : rows) {
    ByteVector bytes = captured_record("host-6.18", row.record);
    if (row.at == kSizeOffset)
      patch(bytes, row.at, static_cast<std::uint16_t>(row.value));
    else
      patch(bytes, row.at, row.value);
    EXPECT_EQ(reason(parse_record(bytes)), row.reason) << row.why;
  }
}

TEST(ParseRecord, TakesACommOnlyWithItsNul) {
  struct Row {
    std::string comm;  ///< bytes between the ids and the trailer
    std::string kind, text;
  };
  const Row rows[] = {
      {"62 61 73 68 00 00 00 00", "comm", "bash"},
      {"00 00 00 00 00 00 00 00", "comm", ""},
      {"61 62 63 64 65 66 67 00", "comm", "abcdefg"},
      {"61 00 62 00 00 00 00 00", "comm", "a"},
      {"61 62 63 64 65 66 67 68", "bad", ""},  // the trailer's zeros are not its NUL
      {"", "bad", ""},
  };
  for (const Row& row : rows) {
    ByteVector bytes;
    const ByteVector comm = from_hex(row.comm);
    put(bytes, std::uint32_t{PERF_RECORD_COMM});
    put(bytes, std::uint16_t{0});
    put(bytes, static_cast<std::uint16_t>(16 + comm.size() + kTrailerBytes));
    put(bytes, std::uint32_t{10});
    put(bytes, std::uint32_t{11});
    bytes.insert(bytes.end(), comm.begin(), comm.end());
    bytes.resize(bytes.size() + kTrailerBytes);
    const Record record = parse_record(bytes);
    ASSERT_EQ(kind(record), row.kind) << row.comm;
    const auto* change = std::get_if<CommChange>(&record);
    EXPECT_EQ(change ? change->comm : "", row.text) << row.comm;
  }
}

TEST(ParseRecord, PassesOverWhatWasNotAskedFor) {
  for (const std::uint32_t type : {0u, 1u, 5u, 6u, 8u, 10u, 13u, 0xffffffffu}) {
    ByteVector bytes;
    put(bytes, type);
    put(bytes, std::uint16_t{0});
    put(bytes, std::uint16_t{8});
    const Record record = parse_record(bytes);
    ASSERT_EQ(kind(record), "other") << type;
    EXPECT_EQ(std::get<Other>(record).type, type);
    EXPECT_EQ(time_of(record), 0u);
  }
  EXPECT_EQ(time_of(parse_record({})), 0u);
}

}  // namespace
}  // namespace kprobed::decode
