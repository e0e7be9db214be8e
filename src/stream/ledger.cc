// SPDX-License-Identifier: Apache-2.0
#include "stream/ledger.h"

#include <algorithm>
#include <initializer_list>

namespace kprobed::stream {

namespace {

/// Modulo 2^64 all the way, so that only the difference must fit.
std::int64_t difference(std::uint64_t whole, std::uint64_t parts) {
  return static_cast<std::int64_t>(whole - parts);
}

std::optional<std::uint64_t> sum_of(std::initializer_list<Known> terms) {
  std::uint64_t sum = 0;
  for (const Known& term : terms) {
    if (!term) return std::nullopt;
    sum += *term;
  }
  return sum;
}

Known add(const Known& one, const Known& other) { return sum_of({one, other}); }

}  // namespace

std::optional<std::int64_t> unexplained(const LedgerTerms& t) {
  const std::int64_t second =
      difference(t.read, t.malformed + t.excluded + t.discarded + t.held + t.published);
  if (t.shared || second != 0) return second;
  const auto since_perf = sum_of({t.filtered, t.sampled_out, t.lost, t.unclaimed, t.read});
  if (!since_perf) return std::nullopt;
  const auto before_perf = sum_of({t.unattached, t.kernel_dropped});
  if (t.hits && before_perf) return difference(*t.hits, *before_perf + *since_perf);
  if (t.seen) return difference(*t.seen, *since_perf);
  return std::nullopt;
}

LedgerTerms operator+(const LedgerTerms& one, const LedgerTerms& other) {
  return {.hits = add(one.hits, other.hits),
          .missed = add(one.missed, other.missed),
          .unattached = add(one.unattached, other.unattached),
          .kernel_dropped = add(one.kernel_dropped, other.kernel_dropped),
          .filtered = add(one.filtered, other.filtered),
          .sampled_out = add(one.sampled_out, other.sampled_out),
          .lost = add(one.lost, other.lost),
          .unclaimed = one.unclaimed + other.unclaimed,
          .read = one.read + other.read,
          .malformed = one.malformed + other.malformed,
          .excluded = one.excluded + other.excluded,
          .discarded = one.discarded + other.discarded,
          .published = one.published + other.published,
          .held = one.held + other.held,
          .seen = add(one.seen, other.seen),
          .shared = one.shared || other.shared};
}

/// So many at least: perf's counts are chosen within their bounds so that it is the fewest.
std::uint64_t Attachment::dropped_between(const Mark& from, const Mark& to) {
  const std::uint64_t hits = to.hits - from.hits;
  const std::uint64_t most_seen = to.seen.after - from.seen.before;
  return hits > most_seen ? hits - most_seen : 0;
}

void Attachment::attached(std::uint64_t hits, Seen seen) { since_ = Mark{hits, seen}; }

void Attachment::detached(std::uint64_t hits, Seen seen) {
  if (since_) dropped_ += dropped_between(*since_, {hits, seen});
  since_.reset();
}

Attachment::Split Attachment::split(std::uint64_t hits, Seen seen) const {
  const std::uint64_t gap = hits > seen.after ? hits - seen.after : 0;
  std::uint64_t dropped = dropped_;
  if (since_) dropped += dropped_between(*since_, {hits, seen});
  dropped = std::min(dropped, gap);
  return {.unattached = gap - dropped, .kernel_dropped = dropped};
}

}  // namespace kprobed::stream
