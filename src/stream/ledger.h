// SPDX-License-Identifier: Apache-2.0
//
// Where a probe's hits have gone. Each term is counted where it happens, and none is the rest of
// the others, so that what does not add up shows (docs/ledger.md says what counts each).
//
//     hits = unattached + kernel_dropped + filtered + sampled_out + lost + unclaimed + read
//     read = malformed + excluded + discarded + held + published
#pragma once

#include <cstdint>
#include <optional>

namespace kprobed::stream {

/// None: the kernel cannot tell, or only of all probes of an event together.
using Known = std::optional<std::uint64_t>;

/// What became of the hits of a probe, or of all probes that share an event of the kernel's.
struct LedgerTerms {
  Known hits;            ///< the kernel ran it
  Known missed;          ///< the kernel could not; not among the hits
  Known unattached;      ///< while the event was not enabled on every CPU, and nobody saw them
  Known kernel_dropped;  ///< while it was, and perf was not given them: oversize, recursion
  Known filtered;        ///< did not meet the condition
  Known sampled_out;     ///< left out by a sampling period
  Known lost;            ///< found no room in a ring
  std::uint64_t unclaimed = 0;  ///< taken from a ring, of a probe that was being removed
  std::uint64_t read = 0;       ///< taken from a ring
  std::uint64_t malformed = 0, excluded = 0, discarded = 0, published = 0;
  std::uint64_t held = 0;  ///< now: waiting for a judgement on their module's build
  /// What perf was given. Where the kernel counts no hits of a kind, this is the first there is.
  Known seen;
  /// The terms from `unattached` to `unclaimed` are those of an event that it shares: they stand
  /// there. Only the second line can be judged.
  bool shared = false;

  bool operator==(const LedgerTerms&) const = default;
};

/// What is missing of the first line that does not add up; 0 if both do. None: a term is unknown
/// without which nothing can be said. Exact at rest only.
std::optional<std::int64_t> unexplained(const LedgerTerms& terms);

/// Two times of one probe, one after the other. What is unknown of one is unknown of both.
LedgerTerms operator+(const LedgerTerms& one, const LedgerTerms& other);

/// Tells hits that the kernel counted and perf did not by when that was. There is no third counter
/// between those two: while the event was enabled everywhere such a hit was dropped, at other times
/// nobody was there to see it.
class Attachment {
 public:
  /// perf's count at the moment when the kernel's was read: between these two.
  struct Seen {
    std::uint64_t before = 0, after = 0;
  };

  /// From here on it is enabled on every CPU. Said again: some CPU was without it meanwhile.
  void attached(std::uint64_t hits, Seen seen);
  void detached(std::uint64_t hits, Seen seen);

  struct Split {
    std::uint64_t unattached = 0, kernel_dropped = 0;
  };
  /// As of now. What may have been either is counted unattached.
  Split split(std::uint64_t hits, Seen seen) const;

 private:
  struct Mark {
    std::uint64_t hits = 0;
    Seen seen;
  };
  static std::uint64_t dropped_between(const Mark& from, const Mark& to);

  std::uint64_t dropped_ = 0;
  std::optional<Mark> since_;  ///< while it is enabled everywhere
};

}  // namespace kprobed::stream
