// SPDX-License-Identifier: Apache-2.0
//
// Pieces of lines that neighbouring events share, as text. Each cache is a table with one place for
// each key: who comes takes the place of who was there.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "stream/event_plan.h"
#include "stream/json_copy.h"
#include "stream/json_program.h"
#include "stream/wall_clock.h"

namespace kprobed::stream {

/// A line up to its time: `{"type":"event","seq":812,"time":"2026-11-23T03:14:05.262389131Z",
/// "ts":262389131000`. What changes once in 10,000 numbers, or ten times a second, is kept.
class HeadCache {
 public:
  static constexpr std::size_t kRoom = 160;

  /// Writes it, up to kRoom bytes; null where the time is before 1970.
  char* put(std::uint64_t seq, std::uint64_t time_ns, WallClock& clock, char* at);

 private:
  void fill_seq(std::uint64_t seq);
  void fill_wall(std::uint64_t time_ns, std::uint64_t wall_ns, WallClock& clock);
  void fill_time(std::uint64_t time_ns);

  struct Piece {
    std::uint64_t base = 1;  ///< the first value it stands for; none has been filled: never hit
    std::uint32_t bytes = 0;
    char text[2 * kBlock] = {};
  };
  Piece seq_, wall_, time_;
  bool filled_ = false;
  std::string scratch_;
};

/// Who and where: `,"cpu":1,"pid":2376,"tid":2376,"comm":"bash","probe":"opens","kind":"p",
/// "symbol":"do_sys_openat2","offset":0`.
class PrefixCache {
 public:
  static constexpr std::size_t kMaxComm = 16;
  static constexpr std::size_t kTextBytes = 15 * kBlock;

  /// Valid until the next call, and readable up to a whole block. Empty where `comm` is not UTF-8;
  /// then the line needs more than this.
  std::string_view get(const JsonProgram& program, const Event& event);

 private:
  struct Entry {
    std::uint64_t program = 0;  ///< 0: nothing yet
    std::uint64_t address = 0;  ///< probed, where the place depends on it
    std::uint32_t pid = 0, tid = 0, cpu = 0;
    std::uint16_t comm_bytes = 0, bytes = 0;
    char comm[kMaxComm] = {};
    char text[kTextBytes] = {};
  };
  std::string_view fill(const JsonProgram& program, const Event& event, std::uint64_t address,
                        Entry& entry);

  std::array<Entry, 64> entries_{};
  std::string scratch_;
};

/// What addresses are called, in one of two forms.
class AddressCache {
 public:
  static constexpr std::size_t kTextBytes = 4 * kBlock;

  /// `fill(std::string&)` makes the text where it is not known. Valid until the next call, and
  /// readable up to a whole block.
  template <typename Fill>
  std::string_view get(std::uint64_t address, Fill fill) {
    Entry& entry = entries_[static_cast<std::size_t>((address * 0x9e3779b97f4a7c15) >> 56)];
    if (entry.bytes != 0 && entry.address == address) return {entry.text, entry.bytes};
    scratch_.clear();
    fill(scratch_);
    const std::size_t bytes = scratch_.size();
    scratch_.append(kBlock, ' ');
    if (bytes <= kTextBytes) {
      entry.address = address;
      entry.bytes = static_cast<std::uint16_t>(bytes);
      std::memcpy(entry.text, scratch_.data(), bytes);
    }
    return {scratch_.data(), bytes};
  }

  void clear() {
    for (Entry& entry : entries_) entry.bytes = 0;
  }

 private:
  struct Entry {
    std::uint64_t address = 0;
    std::uint16_t bytes = 0;  ///< 0: nothing yet
    char text[kTextBytes] = {};
  };
  std::array<Entry, 256> entries_{};
  std::string scratch_;
};

}  // namespace kprobed::stream
