// SPDX-License-Identifier: Apache-2.0
#include "wire/codec.h"
#include "wire/field_reader.h"
#include "wire/fields.h"

namespace kprobed::wire {
namespace {

/// The object called `key` in `line`.
template <typename T>
Result<T> read_part(std::string_view line, std::string_view key) {
  KPROBED_TRY(const Object object, parse_object(line, {}));
  const Value* part = find(object, key);
  const auto* fields = part != nullptr ? std::get_if<Object>(&part->is) : nullptr;
  if (fields == nullptr)
    return Error(ErrorCode::malformed, "a line without the object '" + std::string(key) + "'");
  return read_fields<T>(*fields, std::string(key) + ".", ErrorCode::malformed);
}

std::string read_id(const Object& object) {
  const Value* id = find(object, "id");
  return id != nullptr ? to_json(*id) : "null";
}

}  // namespace

Result<ServerLine> classify(std::string_view line) {
  using enum ServerLine::Kind;
  KPROBED_TRY(const Object object, parse_object(line, {}));
  if (find(object, "error") != nullptr) return ServerLine{error, read_id(object), ""};
  if (find(object, "result") != nullptr) return ServerLine{reply, read_id(object), ""};
  const std::string* type = find_string(object, "type");
  if (type == nullptr) return Error(ErrorCode::malformed, "a line without type, result or error");
  if (*type == "progress") return ServerLine{progress, read_id(object), *type};
  return ServerLine{*type == "hello" ? hello : stream, "", *type};
}

std::string_view peek_type(std::string_view line) {
  constexpr std::string_view kHead = R"({"type":")";
  if (line.substr(0, kHead.size()) != kHead) return {};
  line.remove_prefix(kHead.size());
  const std::size_t end = line.find_first_not_of("abcdefghijklmnopqrstuvwxyz_");
  return end != line.npos && line[end] == '"' ? line.substr(0, end) : std::string_view{};
}

Result<Hello> decode_hello(std::string_view line) {
  KPROBED_TRY(const Object object, parse_object(line, {}));
  const std::string* type = find_string(object, "type");
  if (type == nullptr || *type != "hello")
    return Error(ErrorCode::malformed, "a line that is not of type hello");
  return read_fields<Hello>(object, "", ErrorCode::malformed);
}

Result<Progress> decode_progress(std::string_view line) {
  KPROBED_TRY(const Object object, parse_object(line, {}));
  return read_fields<Progress>(object, "", ErrorCode::malformed);
}

Result<WireError> decode_error(std::string_view line) {
  return read_part<WireError>(line, "error");
}

template <typename Body>
Result<Body> decode_reply(std::string_view line) {
  return read_part<Body>(line, "result");
}
template Result<AddReply> decode_reply(std::string_view);
template Result<NamesReply> decode_reply(std::string_view);
template Result<ApplyReply> decode_reply(std::string_view);
template Result<ListReply> decode_reply(std::string_view);
template Result<CheckReply> decode_reply(std::string_view);
template Result<SubscribeReply> decode_reply(std::string_view);
template Result<StatusReply> decode_reply(std::string_view);
template Result<LedgerReply> decode_reply(std::string_view);
template Result<EmptyReply> decode_reply(std::string_view);

}  // namespace kprobed::wire
