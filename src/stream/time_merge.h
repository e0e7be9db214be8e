// SPDX-License-Identifier: Apache-2.0
//
// Several rings, each in (nearly) its own time order, into one sequence in time order. One round:
// the caller notes the time, then snapshots all heads, then takes everything older than that time.
// What arrives in a later round although it is older than what was given out is marked late, never
// dropped.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "decode/record.h"
#include "stream/time_sort.h"

namespace kprobed::stream {

/// `Ring` has `Bytes peek()` (whole record or empty) and `void consume()`: ringbuf::RingReader.
/// What has been consumed stays as it is until drain() returns.
template <typename Ring>
class TimeMerge {
 public:
  /// Hands every record with time <= limit_ns to `take(const decode::Record&, bool late,
  /// std::size_t ring)` in time order over all rings, consuming it afterwards. A ring whose front
  /// record is newer than limit_ns is done for this round. Records without a time (Other, Bad) are
  /// handed out when they reach the front of their ring, and are never late. Equal times keep the
  /// order of `rings`, and are not late. `rings` may differ from round to round. Returns the number
  /// of records handed out.
  template <typename Take>
  std::size_t drain(const std::vector<Ring*>& rings, std::uint64_t limit_ns, Take&& take);

  /// Consumes what is at the front of its ring with a time further beyond `limit_ns`, which is now,
  /// than any clock's: it would hold up all behind it for good. Each one's bytes to
  /// `passed(Bytes)`.
  template <typename Passed>
  static void pass_over_future(const std::vector<Ring*>& rings, std::uint64_t limit_ns,
                               Passed&& passed);
  static constexpr std::uint64_t kFutureNs = 1'000'000'000;

  /// The newest time given out.
  std::uint64_t last_time() const { return last_ns_; }

 private:
  /// A ring that has something to give, by what it gives next. Equal times: the earlier ring.
  struct Next {
    std::uint64_t time_ns;
    std::size_t ring;
    auto operator<=>(const Next&) const = default;
  };

  /// All that is left, at once.
  template <typename Take>
  std::size_t sort_rest(const std::vector<Ring*>& rings, std::uint64_t limit_ns, Take& take);
  template <typename Take>
  void give(const decode::Record& record, std::uint64_t time_ns, std::size_t ring, Take& take);
  bool parse_front(Ring& ring, std::uint64_t limit_ns, Next& next);
  Next second_oldest() const;
  void sift_down(std::size_t at);

  std::uint64_t last_ns_ = 0;
  // Kept from round to round for their memory only.
  std::vector<decode::Record> fronts_;  ///< by ring: its first record, parsed
  std::vector<Next> heap_;              ///< the oldest on top
  TimeSort sort_;
  static constexpr std::uint64_t kLongestWindowNs = 1'000'000'000;
  std::uint64_t window_ns_ = 1'000'000;  ///< of what is sorted at once
};

}  // namespace kprobed::stream

#include "stream/time_merge_impl.h"
