// SPDX-License-Identifier: Apache-2.0
//
// Writes a message's fields as a JSON object: the other half of fields.h. Never throws for what
// the fields hold; keys come in the order in which they are described.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "wire/field_range.h"
#include "wire/json_value.h"

namespace kprobed::wire {

class FieldWriter {
 public:
  /// Appends to `out`, which must outlive this.
  explicit FieldWriter(std::string& out) : out_(out) {}

  template <typename T>
  void required(std::string_view name, const T& value) {
    key(name);
    write(value);
  }
  /// An empty optional is left out, anything else is always there.
  template <typename T>
  void field(std::string_view name, const T& value) {
    required(name, value);
  }
  template <typename T>
  void field(std::string_view name, const std::optional<T>& value) {
    if (value) required(name, *value);
  }
  /// What holds when reading holds here by itself.
  void field(std::string_view name, const auto& value, Range) { field(name, value); }
  void sparse(std::string_view name, const auto& value, Range) { sparse(name, value); }
  /// Left out where it is false, 0 or empty.
  template <typename T>
  void sparse(std::string_view name, const T& value) {
    if (!is_empty(value)) required(name, value);
  }
  /// Left out where it is what it is without being said.
  void flag(std::string_view name, bool value, bool usual) {
    if (value != usual) required(name, value);
  }
  /// Line 0 is no position.
  void position(std::uint32_t line, std::uint32_t begin, std::uint32_t end) {
    if (line == 0) return;
    required("line", line);
    required("begin", begin);
    required("end", end);
  }

  /// `{...}` with what `describe` says of `message`; also for the message itself.
  template <typename T>
  requires std::is_class_v<T>
  void write(const T& message) {
    out_ += '{';
    FieldWriter writer(out_);
    describe(writer, message);
    out_ += '}';
  }

 private:
  void write(const std::string& text) { append_json(std::string_view(text), out_); }
  void write(bool value) { out_ += value ? "true" : "false"; }
  void write(double value) { append_json(value, out_); }
  template <std::integral T>
  void write(T value) {
    out_ += std::to_string(value);
  }
  template <typename T>
  void write(const std::vector<T>& values) {
    out_ += '[';
    bool first = true;
    for (const T& value : values) {
      if (!std::exchange(first, false)) out_ += ',';
      write(value);
    }
    out_ += ']';
  }

  template <typename T>
  static bool is_empty(const T& value) {
    if constexpr (requires { value.empty(); })
      return value.empty();
    else
      return value == T{};
  }

  void key(std::string_view name) {
    if (!std::exchange(first_, false)) out_ += ',';
    append_json(name, out_);
    out_ += ':';
  }

  std::string& out_;
  bool first_ = true;
};

}  // namespace kprobed::wire
