// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "wire/codec.h"
#include "wire/field_reader.h"
#include "wire/fields.h"

namespace kprobed::wire {
namespace {

/// "0x1f", as append_hex() of room stream writes it.
bool looks_like_hex(std::string_view text) {
  return text.size() > 2 && text.size() <= 18 && text.substr(0, 2) == "0x" &&
         text.find_first_not_of("0123456789abcdef", 2) == text.npos;
}

/// Null is a fault; its reason stands in `faults` under the same name.
EventLine::Arg read_arg(const Member& member, const Object& faults) {
  if (std::holds_alternative<Null>(member.value.is)) {
    const std::string* reason = find_string(faults, member.key);
    return {.name = member.key, .value = reason != nullptr ? *reason : "", .fault = true};
  }
  if (const auto* text = std::get_if<std::string>(&member.value.is))
    return {.name = member.key, .value = *text, .quoted = !looks_like_hex(*text)};
  EventLine::Arg arg{.name = member.key, .value = to_json(member.value)};
  if (const auto* array = std::get_if<Array>(&member.value.is)) {
    arg.array = true;
    for (const Value& element : *array) {
      const auto* text = std::get_if<std::string>(&element.is);
      const bool fault = std::holds_alternative<Null>(element.is);
      arg.elements.push_back({text != nullptr ? *text : to_json(element), fault});
      arg.quoted = arg.quoted || (text != nullptr && !looks_like_hex(*text));
    }
  }
  return arg;
}

const Object& find_object(const Object& object, std::string_view key) {
  static const Object kEmpty;
  const Value* value = find(object, key);
  const auto* found = value != nullptr ? std::get_if<Object>(&value->is) : nullptr;
  return found != nullptr ? *found : kEmpty;
}

Result<EventLine> read_event(const Object& object) {
  auto event = read_fields<EventLine>(object, "", ErrorCode::malformed);
  if (!event.ok()) return event;
  const Object& faults = find_object(object, "faults");
  for (const Member& member : find_object(object, "args"))
    event->args.push_back(read_arg(member, faults));
  return event;
}

template <typename T>
Result<StreamLine> as_line(Result<T> message) {
  if (!message.ok()) return std::move(message).error();
  return StreamLine(*std::move(message));
}

template <typename T>
Result<StreamLine> read_line(const Object& object) {
  return as_line(read_fields<T>(object, "", ErrorCode::malformed));
}

}  // namespace

Result<StreamLine> decode_stream(std::string_view line) {
  KPROBED_TRY(const Object object, parse_object(line, {}));
  const std::string* type = find_string(object, "type");
  if (type == nullptr) return Error(ErrorCode::malformed, "a line without type");
  if (*type == "event") return as_line(read_event(object));
  if (*type == "schema") return read_line<SchemaLine>(object);
  if (*type == "lost") return read_line<LostLine>(object);
  if (*type == "dropped") return read_line<DroppedLine>(object);
  if (*type == "probe") return read_line<ProbeLine>(object);
  if (*type == "cpu") return read_line<CpuLine>(object);
  if (*type == "discarded") return read_line<DiscardedLine>(object);
  if (*type == "sampling") return read_line<SamplingLine>(object);
  if (*type == "ledger") return read_line<LedgerLine>(object);
  if (*type == "clock") return read_line<ClockLine>(object);
  if (*type == "gap") return read_line<GapLine>(object);
  return StreamLine(UnknownLine{*type});
}

Result<EventLine> decode_event(std::string_view line) {
  KPROBED_TRY(StreamLine any, decode_stream(line));
  if (auto* event = std::get_if<EventLine>(&any)) return std::move(*event);
  return Error(ErrorCode::malformed, "a line that is not of type event");
}

void apply_schema(const SchemaLine& schema, EventLine& event) {
  for (EventLine::Arg& arg : event.args) {
    const auto known = std::find_if(schema.args.begin(), schema.args.end(),
                                    [&arg](const auto& one) { return one.name == arg.name; });
    if (known == schema.args.end()) continue;
    arg.quoted = known->format == "text" && !arg.fault;
    arg.format = known->format;
  }
  event.several = !schema.members.empty();
}

}  // namespace kprobed::wire
