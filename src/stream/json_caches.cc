// SPDX-License-Identifier: Apache-2.0
#include "stream/json_caches.h"

#include <algorithm>

#include "stream/append.h"
#include "stream/digits.h"
#include "stream/event_place.h"
#include "stream/json_parts.h"
#include "stream/kernel_words.h"

namespace kprobed::stream {
namespace {

constexpr std::uint64_t kSeqStep = 10'000;
constexpr std::uint64_t kTimeStep = 100'000'000;
/// "2026-11-23T03:14:05.2": a time of kTimeStep, without what changes within one.
constexpr std::size_t kWallBytes = 21;

/// Without a call: names are short, and nearly always the same.
[[gnu::always_inline]] inline bool equal_short(const char* a, const char* b, std::size_t bytes) {
  std::uint64_t x, y;
  if (bytes >= 8) {
    std::memcpy(&x, a, 8);
    std::memcpy(&y, b, 8);
    if (x != y) return false;
    std::memcpy(&x, a + bytes - 8, 8);
    std::memcpy(&y, b + bytes - 8, 8);
    return x == y;
  }
  if (bytes >= 4) {
    std::uint32_t first_a, first_b, last_a, last_b;
    std::memcpy(&first_a, a, 4);
    std::memcpy(&first_b, b, 4);
    std::memcpy(&last_a, a + bytes - 4, 4);
    std::memcpy(&last_b, b + bytes - 4, 4);
    return first_a == first_b && last_a == last_b;
  }
  for (std::size_t i = 0; i < bytes; ++i)
    if (a[i] != b[i]) return false;
  return true;
}

}  // namespace

char* HeadCache::put(std::uint64_t seq, std::uint64_t time_ns, WallClock& clock, char* at) {
  const std::uint64_t wall_ns = time_ns + static_cast<std::uint64_t>(clock.offset());
  if (static_cast<std::int64_t>(wall_ns) < 0) return nullptr;
  if (!filled_ || seq - seq_.base >= kSeqStep) fill_seq(seq);
  if (!filled_ || wall_ns - wall_.base >= kTimeStep) fill_wall(time_ns, wall_ns, clock);
  if (!filled_ || time_ns - time_.base >= kTimeStep) fill_time(time_ns);
  filled_ = true;

  at = put_blocks(seq_.text, seq_.bytes, at);
  const auto low_seq = static_cast<std::uint32_t>(seq - seq_.base);
  at = seq_.base != 0 ? digits::put_four(low_seq, at) : digits::put_up_to_eight(low_seq, at);
  at = put_blocks(wall_.text, wall_.bytes, at);
  at = digits::put_eight(static_cast<std::uint32_t>(wall_ns - wall_.base), at);
  at = put_blocks(time_.text, time_.bytes, at);
  const auto low_time = static_cast<std::uint32_t>(time_ns - time_.base);
  return time_.base != 0 ? digits::put_eight(low_time, at) : digits::put_up_to_eight(low_time, at);
}

void HeadCache::fill_seq(std::uint64_t seq) {
  scratch_ = R"({"type":"event","seq":)";
  if (seq >= kSeqStep) append_number(seq / kSeqStep, scratch_);
  seq_.base = seq - seq % kSeqStep;
  seq_.bytes = static_cast<std::uint32_t>(scratch_.copy(seq_.text, sizeof seq_.text));
}

void HeadCache::fill_wall(std::uint64_t time_ns, std::uint64_t wall_ns, WallClock& clock) {
  scratch_ = R"(,"time":")";
  const std::size_t begin = scratch_.size();
  clock.append(time_ns, scratch_);
  scratch_.resize(begin + kWallBytes);
  wall_.base = wall_ns - wall_ns % kTimeStep;
  wall_.bytes = static_cast<std::uint32_t>(scratch_.copy(wall_.text, sizeof wall_.text));
}

void HeadCache::fill_time(std::uint64_t time_ns) {
  scratch_ = R"(Z","ts":)";
  if (time_ns >= kTimeStep) append_number(time_ns / kTimeStep, scratch_);
  time_.base = time_ns - time_ns % kTimeStep;
  time_.bytes = static_cast<std::uint32_t>(scratch_.copy(time_.text, sizeof time_.text));
}

std::string_view PrefixCache::get(const JsonProgram& program, const Event& event) {
  const decode::Stamp& stamp = event.stamp;
  std::uint64_t address = 0;
  if (program.has_members) address = probed_address(event).value_or(0);
  const std::uint64_t key = (std::uint64_t{stamp.tid} << 8 | (stamp.cpu & 0xff)) ^
                            program.id << 40 ^ address * 0x9e3779b97f4a7c15;
  Entry& entry = entries_[static_cast<std::size_t>((key * 0x9e3779b97f4a7c15) >> 58)];
  if (entry.program == program.id && entry.tid == stamp.tid && entry.cpu == stamp.cpu &&
      entry.pid == stamp.pid && entry.address == address && entry.comm_bytes == event.comm.size() &&
      equal_short(entry.comm, event.comm.data(), entry.comm_bytes))
    return {entry.text, entry.bytes};
  return fill(program, event, address, entry);
}

std::string_view PrefixCache::fill(const JsonProgram& program, const Event& event,
                                   std::uint64_t address, Entry& entry) {
  scratch_ = R"(,"cpu":)";
  append_number(event.stamp.cpu, scratch_);
  scratch_ += R"(,"pid":)";
  append_number(event.stamp.pid, scratch_);
  scratch_ += R"(,"tid":)";
  append_number(event.stamp.tid, scratch_);
  scratch_ += R"(,"comm":)";
  if (!append_text_or_null(event.comm, scratch_)) return {};
  scratch_ += ',';
  scratch_ += program.label;
  if (program.has_members) {
    const EventPlace place = place_of(event);
    append_place(event.plan->label, place.symbol, place.offset, scratch_);
  }
  const std::size_t bytes = scratch_.size();
  scratch_.append(kBlock, ' ');
  if (bytes <= kTextBytes && event.comm.size() <= kMaxComm) {
    entry.program = program.id;
    entry.address = address;
    entry.pid = event.stamp.pid;
    entry.tid = event.stamp.tid;
    entry.cpu = event.stamp.cpu;
    entry.comm_bytes = static_cast<std::uint16_t>(event.comm.copy(entry.comm, kMaxComm));
    entry.bytes = static_cast<std::uint16_t>(bytes);
    scratch_.copy(entry.text, bytes);
  }
  return {scratch_.data(), bytes};
}

}  // namespace kprobed::stream
