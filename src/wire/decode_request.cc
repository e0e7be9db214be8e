// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "wire/codec.h"
#include "wire/field_reader.h"
#include "wire/fields.h"
#include "wire/methods.h"
#include "wire/request_limits.h"

namespace kprobed::wire {
namespace {

/// More than the longest lists of a request together; 16384 values are some 2 MB for a moment.
constexpr JsonBounds kBounds{.depth = 32, .values = 16384};

/// What a client chose, short enough to stand in a message.
std::string clipped(std::string_view text) {
  constexpr std::size_t kShown = 40;
  return text.size() <= kShown ? std::string(text) : std::string(text.substr(0, kShown)) + "...";
}

Error not_a_request(Error error) {
  return std::move(error).with_hint(
      R"(a request is one JSON object on one line: {"id":1,"method":"list"})");
}

Result<std::string> read_id(const Object& object) {
  const Value* id = find(object, "id");
  if (id == nullptr) return std::string("null");
  const bool has_words = std::holds_alternative<std::string>(id->is);
  const bool is_number = std::holds_alternative<std::uint64_t>(id->is) ||
                         std::holds_alternative<std::int64_t>(id->is) ||
                         std::holds_alternative<Real>(id->is);
  if (!has_words && !is_number)
    return Error(ErrorCode::usage, "id must be a number, a string or null");
  std::string text = to_json(*id);
  if (text.size() > kMaxNameBytes)
    return Error(ErrorCode::too_long, format("id may have {} bytes at most", kMaxNameBytes));
  return text;
}

Error no_such_method(std::string_view name) {
  Error error(ErrorCode::usage, format("there is no method '{}'", clipped(name)));
  for (const std::string_view method : kMethodNames) {
    if (edit_distance(name, method, 2) <= 2)
      return std::move(error).with_hint(format("did you mean '{}'?", method));
  }
  std::string all = "methods:";
  for (const std::string_view method : kMethodNames) all += format(" {}", method);
  return std::move(error).with_hint(std::move(all));
}

/// Index into kMethodNames and RequestBody.
Result<std::size_t> read_method(const Object& object) {
  const Value* value = find(object, "method");
  if (value == nullptr) return not_a_request(Error(ErrorCode::usage, "method is missing"));
  const auto* name = std::get_if<std::string>(&value->is);
  if (name == nullptr) return Error(ErrorCode::usage, "method must be a string");
  for (std::size_t i = 0; i < kMethodNames.size(); ++i) {
    if (*name == kMethodNames[i]) return i;
  }
  return no_such_method(*name);
}

template <std::size_t... I>
RequestBody empty_body(std::size_t method, std::index_sequence<I...>) {
  RequestBody body;
  ((method == I ? void(body.emplace<I>()) : void()), ...);
  return body;
}

Result<RequestBody> read_body(const Object& object) {
  KPROBED_TRY(const std::size_t method, read_method(object));
  static const Object kNoParams;
  const Object* params = &kNoParams;
  if (const Value* value = find(object, "params"); value != nullptr) {
    params = std::get_if<Object>(&value->is);
    if (params == nullptr) return Error(ErrorCode::usage, "params must be an object");
  }
  RequestBody body = empty_body(method, std::make_index_sequence<kMethodNames.size()>());
  ReadState state{.error = {}, .code = ErrorCode::usage};
  FieldReader reader(*params, "params.", state);
  std::visit([&reader](auto& request) { describe(reader, request); }, body);
  if (state.error) return *std::move(state.error);
  KPROBED_TRY_VOID(check_limits(body));
  return body;
}

Result<Object> read_object(std::string_view line) {
  if (line.size() > kMaxRequestBytes)
    return Error(ErrorCode::too_long,
                 format("a request may have {} bytes at most", kMaxRequestBytes));
  auto object = parse_object(line, kBounds);
  if (!object.ok() && object.error().code == ErrorCode::malformed)
    return not_a_request(std::move(object).error());
  return object;
}

}  // namespace

std::variant<Request, BadRequest> decode_request(std::string_view line) {
  BadRequest bad;
  auto object = read_object(line);
  if (!object.ok()) {
    bad.error = std::move(object).error();
    return bad;
  }
  auto id = read_id(*object);
  if (!id.ok()) {
    bad.error = std::move(id).error();
    return bad;
  }
  auto body = read_body(*object);
  if (!body.ok()) {
    bad.id = *std::move(id);
    bad.error = std::move(body).error();
    return bad;
  }
  return Request{*std::move(id), *std::move(body)};
}

}  // namespace kprobed::wire
