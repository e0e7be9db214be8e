// SPDX-License-Identifier: Apache-2.0
//
// Text that grows at its end by raw pointer: std::string would check its capacity at every piece,
// and zero what is about to be written. Out of malloc, because only realloc can give the unused
// rest of a large piece back without moving it.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <utility>

namespace kprobed::stream {

class LineBuffer {
 public:
  LineBuffer() = default;
  LineBuffer(LineBuffer&& other) noexcept
      : memory_(std::move(other.memory_)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  LineBuffer& operator=(LineBuffer&& other) noexcept {
    memory_ = std::move(other.memory_);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
  }

  std::string_view view() const { return {memory_.get(), size_}; }
  const char* data() const { return memory_.get(); }
  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }

  /// Where the next byte goes; `bytes` may be written there, then end_at() says how many were.
  char* room(std::size_t bytes) {
    if (capacity_ - size_ < bytes) grow(size_ + bytes);
    return memory_.get() + size_;
  }
  void end_at(const char* end) {
    size_ = static_cast<std::size_t>(end - memory_.get());
    assert(size_ <= capacity_);
  }

  void append(std::string_view text) {
    char* at = room(text.size());
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    size_ += text.size();
  }
  LineBuffer& operator+=(std::string_view text) {
    append(text);
    return *this;
  }
  void reserve(std::size_t bytes) {
    if (capacity_ < bytes) grow(bytes);
  }
  void clear() { size_ = 0; }
  /// Gives back what is not used.
  void shrink() {
    if (size_ != 0 && size_ < capacity_) resize_memory(size_);
  }

 private:
  struct Free {
    void operator()(char* memory) const { std::free(memory); }
  };

  [[gnu::noinline]] void grow(std::size_t bytes) {
    resize_memory(std::max(bytes, capacity_ + capacity_ / 2));
  }
  void resize_memory(std::size_t bytes) {
    void* memory = std::realloc(memory_.get(), bytes);
    if (memory == nullptr) throw std::bad_alloc();
    (void)memory_.release();
    memory_.reset(static_cast<char*>(memory));
    capacity_ = bytes;
  }

  std::unique_ptr<char, Free> memory_;
  std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace kprobed::stream
