// SPDX-License-Identifier: Apache-2.0
//
// A perf.data file's samples through decode and the fast encoder: offline PERF.DATA. For a
// file of `perf record -e syscalls:sys_enter_fchown` with perf's own set of sample fields (IP, TID,
// TIME, CPU, PERIOD, RAW, in whatever part the file's attr says): fields are taken from the running
// kernel's format file, lines go to standard output. What perf script and trace-cmd report do, on
// the same input.
#include <fcntl.h>
#include <linux/perf_event.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <iostream>

#include "base/file.h"
#include "decode/field_plan.h"
#include "decode/format_file.h"
#include "stream/json_encoder.h"
#include "stream/task_table.h"

namespace kprobed::bench {
namespace {

using decode::Show;

[[noreturn]] void fail(std::string_view why) {
  std::cerr << "offline: " << why << "\n";
  std::exit(1);
}

template <typename T>
T must(Result<T> result) {
  if (!result.ok()) fail(describe(result.error()));
  return std::move(result).value();
}

/// tools/perf/Documentation/perf.data-file-format.txt: magic, size, attr_size, then three sections
/// {offset, size}: attrs, data, event_types.
struct FileHeader {
  char magic[8];
  std::uint64_t size, attr_size, attrs_at, attrs_bytes, data_at, data_bytes;
};

Bytes map(const char* path) {
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  struct stat info {};
  if (fd < 0 || ::fstat(fd, &info) != 0) fail(std::string(path) + ": " + std::strerror(errno));
  const auto bytes = static_cast<std::size_t>(info.st_size);
  void* base = ::mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
  if (base == MAP_FAILED) fail(std::string(path) + ": " + std::strerror(errno));
  return {static_cast<const std::byte*>(base), bytes};
}

/// Where a sample of this sample_type has what we need, from the record's begin; 0: not there.
struct Layout {
  std::size_t tid = 0, time = 0, cpu = 0, raw = 0;

  explicit Layout(std::uint64_t type) {
    std::size_t at = sizeof(perf_event_header);
    const auto next = [&](std::uint64_t bit) {
      if ((type & bit) == 0) return std::size_t{0};
      return std::exchange(at, at + 8);
    };
    next(PERF_SAMPLE_IDENTIFIER);
    next(PERF_SAMPLE_IP);
    tid = next(PERF_SAMPLE_TID);
    time = next(PERF_SAMPLE_TIME);
    next(PERF_SAMPLE_ADDR);
    next(PERF_SAMPLE_ID);
    next(PERF_SAMPLE_STREAM_ID);
    cpu = next(PERF_SAMPLE_CPU);
    next(PERF_SAMPLE_PERIOD);
    // Between them they have no fixed size.
    if ((type & (PERF_SAMPLE_READ | PERF_SAMPLE_CALLCHAIN)) != 0) fail("READ or CALLCHAIN samples");
    raw = (type & PERF_SAMPLE_RAW) != 0 ? at : 0;
    if (tid == 0 || time == 0 || cpu == 0 || raw == 0) fail("samples lack TID, TIME, CPU or RAW");
  }
};

stream::EventPlan make_plan() {
  stream::EventPlan plan;
  const auto format = must(decode::parse_format(
      must(read_file("/sys/kernel/tracing/events/syscalls/sys_enter_fchown/format"))));
  plan.fields = must(decode::compile(format,
                                     {{"fd", "fd", {.show = Show::signed_number}},
                                      {"user", "user", {.show = Show::unsigned_number}},
                                      {"group", "group", {.show = Show::hex}}},
                                     kHostOrder, sizeof(long)));
  plan.label = {.name = "fchown",
                .kind = 't',
                .symbol = "syscalls/sys_enter_fchown",
                .offset = 0,
                .spec = "t syscalls/sys_enter_fchown fd user group",
                .path = ""};
  plan.json = stream::compile_json(plan);
  return plan;
}

void write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t wrote = ::write(STDOUT_FILENO, text.data(), text.size());
    if (wrote < 0) fail("cannot write");
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
}

/// The body of a COMM record: u32 pid, tid; char comm[].
void learn(Bytes record, stream::TaskTable& tasks) {
  if (record.size() < 17) return;
  const char* comm = reinterpret_cast<const char*>(record.data() + 16);
  tasks.learn(load<std::uint32_t>(record.data() + 12, kHostOrder),
              {comm, ::strnlen(comm, record.size() - 16)});
}

int run(const char* path) {
  const Bytes file = map(path);
  FileHeader header{};
  if (file.size() < sizeof header) fail("too short");
  std::memcpy(&header, file.data(), sizeof header);
  if (std::memcmp(header.magic, "PERFILE2", 8) != 0) fail("no perf.data of this machine");
  perf_event_attr attr{};
  if (header.attrs_at > file.size() || file.size() - header.attrs_at < PERF_ATTR_SIZE_VER0)
    fail("no attr");
  std::memcpy(&attr, file.data() + header.attrs_at,
              std::min<std::size_t>(sizeof attr, file.size() - header.attrs_at));
  const Layout layout(attr.sample_type);
  if (header.data_at > file.size() || header.data_bytes > file.size() - header.data_at)
    fail("cut off");
  Bytes data = file.subspan(header.data_at, header.data_bytes);

  const stream::AddressNames names;
  stream::WallClock clock;
  stream::TaskTable tasks([](std::uint32_t, std::string&) { return false; });
  stream::JsonEncoder encoder(names, clock);
  stream::LineBuffer out;
  const stream::EventPlan plan = make_plan();
  std::uint64_t seq = 0, refused = 0;
  constexpr std::size_t kWriteAt = 128 * 1024;  // stays in a cache

  while (data.size() >= sizeof(perf_event_header)) {
    perf_event_header record{};
    std::memcpy(&record, data.data(), sizeof record);
    if (record.size < sizeof record || record.size > data.size()) fail("a record's size lies");
    const Bytes bytes = data.first(record.size);
    data = data.subspan(record.size);
    if (record.type == PERF_RECORD_COMM) learn(bytes, tasks);
    if (record.type != PERF_RECORD_SAMPLE) continue;
    if (bytes.size() < layout.raw + 4) fail("a sample shorter than its fixed part");
    const std::byte* at = bytes.data();
    const auto raw_bytes = load<std::uint32_t>(at + layout.raw, kHostOrder);
    if (raw_bytes > bytes.size() - layout.raw - 4 || raw_bytes < plan.fields.min_bytes) {
      ++refused;
      continue;
    }
    stream::Event event;
    event.plan = &plan;
    event.stamp = {.id = 0,
                   .pid = load<std::uint32_t>(at + layout.tid, kHostOrder),
                   .tid = load<std::uint32_t>(at + layout.tid + 4, kHostOrder),
                   .time_ns = load<std::uint64_t>(at + layout.time, kHostOrder),
                   .cpu = load<std::uint32_t>(at + layout.cpu, kHostOrder)};
    event.raw = bytes.subspan(layout.raw + 4, raw_bytes);
    event.seq = ++seq;
    event.comm = tasks.comm(event.stamp.tid);
    if (!encoder.event(event, out)) ++refused;
    if (out.size() >= kWriteAt) {
      write_all(out.view());
      out.clear();
    }
  }
  write_all(out.view());
  std::cerr << seq << " events, " << refused << " refused\n";
  return refused == 0 ? 0 : 1;
}

}  // namespace
}  // namespace kprobed::bench

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: offline PERF.DATA\n";
    return 2;
  }
  return kprobed::bench::run(argv[1]);
}
