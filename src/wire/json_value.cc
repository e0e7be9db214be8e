// SPDX-License-Identifier: Apache-2.0
#include "wire/json_value.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "base/format.h"

namespace kprobed::wire {
namespace {

using Json = nlohmann::json;

/// Builds a Value from the library's parser, which keeps its own stack on the heap; it stops as
/// soon as one of these returns false. (A nlohmann::json would cost a recursion per level when it
/// is destroyed.)
class Builder {
 public:
  explicit Builder(const JsonBounds& bounds) : bounds_(bounds) {}

  bool null() { return add(Null{}); }
  bool boolean(bool value) { return add(value); }
  bool number_unsigned(std::uint64_t value) { return add(value); }
  // The parser asks here for whatever begins with '-'; "-0" is kept as written.
  bool number_integer(std::int64_t value) {
    return value == 0 ? add(Real{-0.0, "-0"}) : add(value);
  }
  bool number_float(double value, const std::string& text) { return add(Real{value, text}); }
  bool string(std::string& text) { return add(std::move(text)); }
  bool binary(Json::binary_t&) { return false; }  // never in JSON text

  bool start_object(std::size_t) { return open(Object{}); }
  bool key(std::string& text) {
    key_ = std::move(text);
    return true;
  }
  bool end_object() { return close(); }
  bool start_array(std::size_t) { return open(Array{}); }
  bool end_array() { return close(); }

  bool parse_error(std::size_t position, const std::string&, const Json::exception&) {
    error_ = Error(ErrorCode::malformed, format("not JSON: cannot go on at byte {}", position));
    return false;
  }

  Result<Value> result() && {
    if (error_) return *std::move(error_);
    return std::move(root_);
  }

 private:
  template <typename T>
  bool add(T value) {
    return place(std::move(value)) != nullptr;
  }

  template <typename T>
  bool open(T empty) {
    if (open_.size() >= bounds_.depth) {
      error_ = Error(ErrorCode::too_many,
                     format("arrays and objects may be nested {} levels deep", bounds_.depth));
      return false;
    }
    Value* added = place(std::move(empty));
    if (added == nullptr) return false;
    open_.push_back(added);
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  /// Puts a value where the text has it. The open ones stay where they are meanwhile: only the
  /// innermost grows.
  template <typename T>
  Value* place(T value) {
    if (++count_ > bounds_.values) {
      error_ =
          Error(ErrorCode::too_many, format("one line may hold {} values at most", bounds_.values));
      return nullptr;
    }
    if (open_.empty()) {
      root_.is = std::move(value);
      return &root_;
    }
    if (auto* object = std::get_if<Object>(&open_.back()->is)) {
      return &object->emplace_back(Member{std::move(key_), Value{std::move(value)}}).value;
    }
    return &std::get<Array>(open_.back()->is).emplace_back(Value{std::move(value)});
  }

  const JsonBounds& bounds_;
  Value root_;
  std::vector<Value*> open_;  ///< outermost first
  std::string key_;
  std::size_t count_ = 0;
  std::optional<Error> error_;
};

struct ToJson {
  std::string& out;
  void operator()(Null) const { out += "null"; }
  void operator()(bool value) const { out += value ? "true" : "false"; }
  void operator()(std::uint64_t value) const { out += std::to_string(value); }
  void operator()(std::int64_t value) const { out += std::to_string(value); }
  void operator()(const Real& value) const { out += value.text; }
  void operator()(const std::string& value) const { append_json(value, out); }
  void operator()(const Array&) const {}
  void operator()(const Object&) const {}
};

}  // namespace

Result<Value> parse_json(std::string_view text, const JsonBounds& bounds) {
  // The library takes a NUL for the end, whatever follows.
  if (const std::size_t nul = text.find('\0'); nul != text.npos)
    return Error(ErrorCode::malformed, format("not JSON: cannot go on at byte {}", nul + 1));
  Builder builder(bounds);
  Json::sax_parse(text.begin(), text.end(), &builder);
  return std::move(builder).result();
}

const Value* find(const Object& object, std::string_view key) {
  for (auto member = object.rbegin(); member != object.rend(); ++member) {
    if (member->key != key) continue;
    return std::holds_alternative<Null>(member->value.is) ? nullptr : &member->value;
  }
  return nullptr;
}

std::string to_json(const Value& value) {
  std::string out;
  std::visit(ToJson{out}, value.is);
  return out;
}

void append_json(std::string_view text, std::string& out) {
  out += Json(text).dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

void append_json(double number, std::string& out) { out += Json(number).dump(); }

}  // namespace kprobed::wire
