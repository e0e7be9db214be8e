// SPDX-License-Identifier: Apache-2.0
//
// Many records at once into time order: what merging ring by ring costs more for when every record
// comes from another CPU than the one before. A radix sort costs the same whatever the order and
// however many rings there are.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/byte_cursor.h"

namespace kprobed::stream {

class TimeSort {
 public:
  struct Item {
    const std::byte* data = nullptr;
    std::uint32_t bytes = 0, ring = 0;
  };

  void clear();
  /// In the order in which equal times are to stay. Times may have any zero: the nearer the faster.
  void add(std::uint64_t time_ns, Item item) {
    newest_ = std::max(newest_, time_ns);
    times_.push_back(time_ns);
    items_.push_back(item);
  }
  std::size_t size() const { return items_.size(); }

  /// Gives the items by time to `take(const Item&)`.
  template <typename Take>
  void drain(Take&& take) {
    sort();
    constexpr std::size_t kAhead = 8;
    for (std::size_t i = 0; i < order_.size(); ++i) {
      // They lie all over the rings: asked for early, they are there in time.
      if (i + kAhead < order_.size()) {
        __builtin_prefetch(items_[index_of(order_[i + kAhead])].data);
        __builtin_prefetch(items_[index_of(order_[i + kAhead])].data + 64);
      }
      take(items_[index_of(order_[i])]);
    }
    clear();
  }

 private:
  std::size_t index_of(std::uint64_t key) const {
    return static_cast<std::size_t>(key & ((std::uint64_t{1} << index_bits_) - 1));
  }
  void sort();
  void sort_plainly();

  std::vector<std::uint64_t> times_;
  std::vector<Item> items_;
  std::uint64_t newest_ = 0;
  // Its time above the index of the item.
  std::vector<std::uint64_t> order_, other_;
  unsigned index_bits_ = 0;
};

}  // namespace kprobed::stream
