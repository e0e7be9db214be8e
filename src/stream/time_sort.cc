// SPDX-License-Identifier: Apache-2.0
#include "stream/time_sort.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <utility>

namespace kprobed::stream {

namespace {
/// What is kept for the next time; a rare flood's memory goes back.
constexpr std::size_t kKept = std::size_t{64} << 10;

template <typename T>
void empty(std::vector<T>& one) {
  if (one.capacity() > kKept) {
    one = {};
  } else {
    one.clear();
  }
}
}  // namespace

void TimeSort::clear() {
  newest_ = 0;
  empty(times_);
  empty(items_);
  empty(order_);
  empty(other_);
}

void TimeSort::sort() {
  order_.clear();
  if (items_.empty()) return;
  index_bits_ = static_cast<unsigned>(std::bit_width(items_.size()));
  const auto time_bits = static_cast<unsigned>(std::bit_width(newest_));
  if (index_bits_ + time_bits > 64) return sort_plainly();
  order_.resize(items_.size());
  for (std::size_t i = 0; i < items_.size(); ++i) {
    order_[i] = times_[i] << index_bits_ | i;
  }
  // Least significant digits of the time first; the index only comes along.
  constexpr unsigned kDigitBits = 11;
  constexpr std::uint64_t kDigits = std::uint64_t{1} << kDigitBits;
  other_.resize(order_.size());
  for (unsigned shift = index_bits_; shift < index_bits_ + time_bits; shift += kDigitBits) {
    std::array<std::uint32_t, kDigits> begin{};
    for (const std::uint64_t key : order_) ++begin[(key >> shift) & (kDigits - 1)];
    std::uint32_t sum = 0;
    for (std::uint32_t& one : begin) sum += std::exchange(one, sum);
    for (const std::uint64_t key : order_) other_[begin[(key >> shift) & (kDigits - 1)]++] = key;
    order_.swap(other_);
  }
}

/// Where time and index do not fit into one word: spans of hours.
void TimeSort::sort_plainly() {
  order_.resize(items_.size());
  std::iota(order_.begin(), order_.end(), 0);
  std::ranges::stable_sort(order_, {},
                           [this](std::uint64_t i) { return times_[static_cast<std::size_t>(i)]; });
}

}  // namespace kprobed::stream
