// SPDX-License-Identifier: Apache-2.0
#include "wire/field_reader.h"

#include "base/format.h"

namespace kprobed::wire {

Result<Object> parse_object(std::string_view line, const JsonBounds& bounds) {
  KPROBED_TRY(Value value, parse_json(line, bounds));
  auto* object = std::get_if<Object>(&value.is);
  if (object == nullptr) return Error(ErrorCode::malformed, "this is JSON, but not an object");
  return std::move(*object);
}

const std::string* find_string(const Object& object, std::string_view key) {
  const Value* value = find(object, key);
  return value != nullptr ? std::get_if<std::string>(&value->is) : nullptr;
}

void FieldReader::read(const Value& value, const std::string& path, std::string& out) {
  const auto* text = std::get_if<std::string>(&value.is);
  if (text == nullptr) return wrong(path, "a string");
  out = *text;
}

void FieldReader::read(const Value& value, const std::string& path, bool& out) {
  const bool* flag = std::get_if<bool>(&value.is);
  if (flag == nullptr) return wrong(path, "true or false");
  out = *flag;
}

void FieldReader::read(const Value& value, const std::string& path, double& out) {
  if (const auto* real = std::get_if<Real>(&value.is))
    out = real->value;
  else if (const auto* number = std::get_if<std::uint64_t>(&value.is))
    out = static_cast<double>(*number);
  else if (const auto* negative = std::get_if<std::int64_t>(&value.is))
    out = static_cast<double>(*negative);
  else
    wrong(path, "a number");
}

void FieldReader::missing(const std::string& path) {
  if (!state_.error) state_.error = Error(state_.code, path + " is missing");
}

void FieldReader::wrong(const std::string& path, std::string_view expected) {
  if (!state_.error) state_.error = Error(state_.code, format("{} must be {}", path, expected));
}

void FieldReader::not_whole(const std::string& path, const std::string& least,
                            const std::string& most) {
  wrong(path, format("a whole number from {} to {}", least, most));
}

}  // namespace kprobed::wire
