// SPDX-License-Identifier: Apache-2.0
//
// Reads a message's fields out of a JSON object: the one half of fields.h. The first field that is
// missing or of the wrong type makes the error, by its name ("params.pids[3]"); unknown fields are
// passed over.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "wire/field_range.h"
#include "wire/json_value.h"

namespace kprobed::wire {

/// The line as one object; `malformed` if it is JSON of another kind, else as parse_json().
Result<Object> parse_object(std::string_view line, const JsonBounds& bounds);

/// The string called `key`; nullptr if there is none.
const std::string* find_string(const Object& object, std::string_view key);

/// What the readers of one line share.
struct ReadState {
  std::optional<Error> error;  ///< the first one
  ErrorCode code;              ///< of errors: usage for what a person asked, malformed otherwise
};

class FieldReader {
 public:
  /// `path` stands before each field's name: "params.". All three must outlive this.
  FieldReader(const Object& object, std::string path, ReadState& state)
      : object_(object), path_(std::move(path)), state_(state) {}

  /// Must be there. `range` is nothing or a Range, for the items of a list as well.
  template <typename T, typename... R>
  void required(std::string_view name, T& out, R... range) {
    if (const Value* value = find(object_, name); value != nullptr)
      read(*value, path_ + std::string(name), out, range...);
    else
      missing(path_ + std::string(name));
  }
  /// May be left out, by a daemon that is older too; then `out` stays as it is.
  template <typename T, typename... R>
  void field(std::string_view name, T& out, R... range) {
    if (const Value* value = find(object_, name); value != nullptr)
      read(*value, path_ + std::string(name), out, range...);
  }
  template <typename T, typename... R>
  void sparse(std::string_view name, T& out, R... range) {
    field(name, out, range...);
  }
  void flag(std::string_view name, bool& out, bool /*usual*/) { field(name, out); }
  void position(std::uint32_t& line, std::uint32_t& begin, std::uint32_t& end) {
    field("line", line);
    field("begin", begin);
    field("end", end);
  }

 private:
  // By the type of the member. A wrong type is said by the field's path.
  void read(const Value& value, const std::string& path, std::string& out);
  void read(const Value& value, const std::string& path, bool& out);
  void read(const Value& value, const std::string& path, double& out);

  template <std::integral T>
  void read(const Value& value, const std::string& path, T& out) {
    if (const auto* number = std::get_if<std::uint64_t>(&value.is)) {
      if (std::in_range<T>(*number)) return void(out = static_cast<T>(*number));
    } else if (const auto* negative = std::get_if<std::int64_t>(&value.is)) {
      if (std::in_range<T>(*negative)) return void(out = static_cast<T>(*negative));
    }
    not_whole(path, std::to_string(std::numeric_limits<T>::min()),
              std::to_string(std::numeric_limits<T>::max()));
  }

  template <std::integral T>
  void read(const Value& value, const std::string& path, T& out, Range range) {
    const auto* number = std::get_if<std::uint64_t>(&value.is);
    if (number != nullptr && *number >= range.least && *number <= range.most)
      out = static_cast<T>(*number);
    else
      not_whole(path, std::to_string(range.least), std::to_string(range.most));
  }

  template <typename T, typename... R>
  void read(const Value& value, const std::string& path, std::optional<T>& out, R... range) {
    read(value, path, out.emplace(), range...);
  }

  template <typename T, typename... R>
  void read(const Value& value, const std::string& path, std::vector<T>& out, R... range) {
    const auto* array = std::get_if<Array>(&value.is);
    if (array == nullptr) return wrong(path, "an array");
    out.clear();
    out.reserve(array->size());
    for (const Value& item : *array) {
      const std::string item_path = path + "[" + std::to_string(out.size()) + "]";
      read(item, item_path, out.emplace_back(), range...);
      if (state_.error) return;
    }
  }

  /// A message inside the message.
  template <typename T>
  requires std::is_class_v<T>
  void read(const Value& value, const std::string& path, T& out) {
    const auto* object = std::get_if<Object>(&value.is);
    if (object == nullptr) return wrong(path, "an object");
    FieldReader reader(*object, path + ".", state_);
    describe(reader, out);
  }

  void missing(const std::string& path);
  void wrong(const std::string& path, std::string_view expected);
  void not_whole(const std::string& path, const std::string& least, const std::string& most);

  const Object& object_;
  std::string path_;
  ReadState& state_;
};

/// A whole message; `describe` of it is in fields.h.
template <typename T>
Result<T> read_fields(const Object& object, std::string path, ErrorCode code) {
  ReadState state{.error = {}, .code = code};
  FieldReader reader(object, std::move(path), state);
  T message;
  describe(reader, message);
  if (state.error) return *std::move(state.error);
  return message;
}

}  // namespace kprobed::wire
