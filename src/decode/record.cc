// SPDX-License-Identifier: Apache-2.0
#include "decode/record.h"

#include <cstring>

#include "decode/sample_layout.h"

namespace kprobed::decode {
namespace {

/// struct perf_event_header {u32 type; u16 misc; u16 size}
constexpr std::size_t kHeaderBytes = 8;

/// PERF_SAMPLE_IDENTIFIER | TID | TIME | CPU | RAW, as perf_output_sample() writes them. One check
/// of the whole fixed part instead of one per field: this is every event's way.
Record parse_sample(Bytes bytes, ByteOrder order) {
  constexpr std::size_t kRawAt = kSampleHeadBytes + 4;
  if (bytes.size() < kRawAt) return Bad{"sample shorter than its fixed part"};
  const std::byte* at = bytes.data();
  const std::uint32_t raw_size = load<std::uint32_t>(at + kSampleHeadBytes, order);
  if (raw_size > bytes.size() - kRawAt) return Bad{"raw data longer than its sample"};
  return Sample{.stamp = {.id = load<std::uint64_t>(at + 8, order),
                          .pid = load<std::uint32_t>(at + 16, order),
                          .tid = load<std::uint32_t>(at + 20, order),
                          .time_ns = load<std::uint64_t>(at + 24, order),
                          .cpu = load<std::uint32_t>(at + 32, order)},
                .raw = bytes.subspan(kRawAt, raw_size)};
}

/// What sample_id_all appends, in perf_event__output_id_sample()'s order.
Stamp parse_trailer(Bytes trailer, ByteOrder order) {
  ByteCursor cursor(trailer, order);
  Stamp stamp;
  std::uint32_t reserved = 0;
  // The caller hands exactly kTrailerBytes, so none of these can fail.
  (void)(cursor.read(stamp.pid) && cursor.read(stamp.tid) && cursor.read(stamp.time_ns) &&
         cursor.read(stamp.cpu) && cursor.read(reserved) && cursor.read(stamp.id));
  return stamp;
}

/// {u32 pid, tid; char comm[];}: comm is padded with NULs to a multiple of 8.
Record parse_comm(ByteCursor body, const Stamp& stamp) {
  CommChange change{stamp, 0, 0, {}};
  Bytes comm;
  if (!body.read(change.pid) || !body.read(change.tid) || !body.take(body.left(), comm))
    return Bad{"comm record shorter than its fixed part"};
  const char* text = reinterpret_cast<const char*>(comm.data());
  const std::size_t length = ::strnlen(text, comm.size());
  if (length == comm.size()) return Bad{"comm without its NUL"};
  change.comm = {text, length};
  return change;
}

/// {u32 pid, ppid, tid, ptid; u64 time;}, the same for FORK and EXIT.
Record parse_task(ByteCursor body, const Stamp& stamp, bool fork) {
  std::uint32_t pid = 0, ppid = 0, tid = 0, ptid = 0;
  std::uint64_t time = 0;
  if (!body.read(pid) || !body.read(ppid) || !body.read(tid) || !body.read(ptid) ||
      !body.read(time))
    return Bad{"task record shorter than its fixed part"};
  if (fork) return Fork{stamp, pid, ppid, tid, ptid};
  return Exit{stamp, pid, tid};
}

/// {u64 id, lost;}
Record parse_lost(ByteCursor body, const Stamp& stamp) {
  std::uint64_t id = 0;
  Lost lost{stamp, 0};
  if (!body.read(id) || !body.read(lost.count))
    return Bad{"lost record shorter than its fixed part"};
  return lost;
}

/// All that is no sample, and samples whose header lies.
Record parse_other(Bytes bytes, ByteOrder order) {
  ByteCursor header(bytes, order);
  std::uint32_t type = 0;
  std::uint16_t misc = 0, size = 0;
  if (!header.read(type) || !header.read(misc) || !header.read(size))
    return Bad{"record shorter than its header"};
  if (size != bytes.size()) return Bad{"record whose header states another size"};
  if (type != PERF_RECORD_COMM && type != PERF_RECORD_FORK && type != PERF_RECORD_EXIT &&
      type != PERF_RECORD_LOST)
    return Other{type};

  Bytes body, trailer;
  if (header.left() < kTrailerBytes || !header.take(header.left() - kTrailerBytes, body) ||
      !header.take(kTrailerBytes, trailer))
    return Bad{"record shorter than its trailer"};
  const Stamp stamp = parse_trailer(trailer, order);
  const ByteCursor rest(body, order);
  switch (type) {
    case PERF_RECORD_COMM:
      return parse_comm(rest, stamp);
    case PERF_RECORD_LOST:
      return parse_lost(rest, stamp);
    default:
      return parse_task(rest, stamp, type == PERF_RECORD_FORK);
  }
}

}  // namespace

namespace {
bool is_sample(Bytes bytes, ByteOrder order) {
  return bytes.size() >= kHeaderBytes &&
         load<std::uint32_t>(bytes.data(), order) == PERF_RECORD_SAMPLE &&
         load<std::uint16_t>(bytes.data() + 6, order) == bytes.size();
}
}  // namespace

std::uint64_t peek_time(Bytes bytes, ByteOrder order) {
  if (!is_sample(bytes, order)) return time_of(parse_other(bytes, order));
  if (bytes.size() < kSampleHeadBytes + 4) return 0;
  const std::size_t room = bytes.size() - kSampleHeadBytes - 4;
  if (load<std::uint32_t>(bytes.data() + kSampleHeadBytes, order) > room) return 0;
  return load<std::uint64_t>(bytes.data() + 24, order);
}

Record parse_record(Bytes bytes, ByteOrder order) {
  if (is_sample(bytes, order)) return parse_sample(bytes, order);
  return parse_other(bytes, order);
}

}  // namespace kprobed::decode
