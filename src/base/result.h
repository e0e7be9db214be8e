// SPDX-License-Identifier: Apache-2.0
//
// A value or an Error. There is no conversion to bool: `if (result)` on a Result<bool> is the
// mistake everybody makes once.
#pragma once

#include <cstdlib>
#include <utility>
#include <variant>

#include "base/error.h"

namespace kprobed {

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit

  bool ok() const { return state_.index() == 0; }

  /// Must be ok(); anything else is a mistake of ours and ends the program.
  T& value() & {
    require();
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    require();
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    require();
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  Error& error() & { return *std::get_if<1>(&state_); }
  const Error& error() const& { return *std::get_if<1>(&state_); }
  Error&& error() && { return std::move(*std::get_if<1>(&state_)); }

 private:
  void require() const {
    if (!ok()) std::abort();
  }
  std::variant<T, Error> state_;
};

/// Done, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit

  bool ok() const { return error_.index() == 0; }
  Error& error() & { return *std::get_if<1>(&error_); }
  const Error& error() const& { return *std::get_if<1>(&error_); }
  Error&& error() && { return std::move(*std::get_if<1>(&error_)); }

 private:
  std::variant<std::monostate, Error> error_;
};

}  // namespace kprobed

#define KPROBED_CONCAT_(a, b) a##b
#define KPROBED_CONCAT(a, b) KPROBED_CONCAT_(a, b)

/// `KPROBED_TRY(auto fd, open_it());` declares fd, or returns the error from this function.
#define KPROBED_TRY(declaration, expression)                  \
  auto KPROBED_CONCAT(try_, __LINE__) = (expression);         \
  if (!KPROBED_CONCAT(try_, __LINE__).ok())                   \
    return std::move(KPROBED_CONCAT(try_, __LINE__)).error(); \
  declaration = std::move(KPROBED_CONCAT(try_, __LINE__)).value()

/// `KPROBED_TRY_VOID(write_it());` returns the error from this function, if there is one.
#define KPROBED_TRY_VOID(expression)                          \
  do {                                                        \
    auto try_void_ = (expression);                            \
    if (!try_void_.ok()) return std::move(try_void_).error(); \
  } while (false)
