// SPDX-License-Identifier: Apache-2.0
#include "resolve/event_fields.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/format.h"
#include "decode/field_plan.h"
#include "decode/format_file.h"
#include "probespec/suggest.h"
#include "resolve/tracepoint_place.h"

namespace kprobed::resolve {

namespace {

using decode::WantedField;
using probespec::FetchArg;

const Span& word_span(const FetchArg& arg) {
  return arg.expr.base_span.known() ? arg.expr.base_span : arg.span;
}

class EventFields {
 public:
  EventFields(const decode::EventFormat& format, std::string_view event, const TypeRules& rules)
      : format_(format), event_(event), rules_(rules), all_(decode::every_field(format)) {}

  std::vector<ResolvedArg> all(const FetchArg& arg) const {
    std::vector<ResolvedArg> args;
    for (const WantedField& wanted : all_) args.push_back(resolved(wanted, arg));
    return args;
  }

  Result<ResolvedArg> one(const FetchArg& arg, std::size_t index) const {
    const auto* named = std::get_if<probespec::Named>(&arg.expr.base);
    if (named == nullptr) return not_a_field(arg);
    const auto known = std::ranges::find(all_, named->name, &WantedField::kernel_name);
    if (known == all_.end()) return no_such_field(*named).at(word_span(arg));
    WantedField wanted = *known;
    wanted.name = probespec::argument_name(arg, index);
    if (arg.type) {
      auto shape = shape_as(*arg.type, wanted);
      if (!shape.ok()) {
        return std::move(shape).error().at(arg.type->span.known() ? arg.type->span : arg.span);
      }
      wanted.shape = *std::move(shape);
    }
    return resolved(wanted, arg);
  }

 private:
  ResolvedArg resolved(const WantedField& wanted, const FetchArg& arg) const {
    ResolvedArg resolved;
    resolved.name = wanted.name;
    resolved.kernel_name = wanted.kernel_name;
    resolved.shape = wanted.shape;
    resolved.unreadable = wanted.unreadable;
    resolved.c_type = wanted.c_type;
    resolved.fixed_bytes = format_.find(wanted.kernel_name)->size;
    resolved.meaning = format("field '{}' ({}) of {}", wanted.kernel_name, wanted.c_type, event_);
    resolved.span = arg.span;
    resolved.name_span = arg.name_span;
    resolved.fetch_span = arg.expr.span;
    if (arg.type) resolved.type_span = arg.type->span;
    return resolved;
  }

  /// The parser lets nothing but names through, and $comm.
  static Error not_a_field(const FetchArg& arg) {
    return Error(ErrorCode::wrong_place, "every event tells the name of its task anyway")
        .with_hint("leave $comm out: it is the event's \"comm\"")
        .at(word_span(arg));
  }

  Error no_such_field(const probespec::Named& named) const {
    Error error(ErrorCode::not_found, format("{} has no field '{}'", event_, named.name));
    std::vector<std::string_view> names;
    for (const WantedField& wanted : all_) names.push_back(wanted.kernel_name);
    const std::string_view meant = probespec::nearest(named.name, names);
    error.hint = meant.empty() ? "its fields are " + list()
                               : format("did you mean '{}'? its fields are {}", meant, list());
    return error;
  }

  std::string list() const {
    std::string names;
    for (const WantedField& wanted : all_) {
      names += (names.empty() ? "" : ", ") + wanted.kernel_name;
    }
    return names;
  }

  /// The field's bytes, shown as the user wants them: its size must be the type's.
  Result<decode::ValueShape> shape_as(const probespec::FetchType& type,
                                      const WantedField& wanted) const {
    const decode::FormatField& field = *format_.find(wanted.kernel_name);
    const bool in_text = !type.bits && probespec::is_text(type.base);
    if (in_text && wanted.shape.show == decode::Show::text && type.text_bytes == 0) {
      return wanted.shape;
    }
    KPROBED_TRY(Reading reading, written_reading(type, rules_));
    const std::uint32_t bytes = field.count == 0 ? field.size : field.size / field.count;
    const bool plain = !field.data_loc && !reading.is_text() && !type.bits;
    // Fewer bytes are the lower ones: an "int" argument of a system call lies in a whole register.
    const bool narrow = field.count == 0 && type.count == 0 && reading.bytes < bytes;
    const bool fits = reading.bytes == bytes || narrow;
    if (!plain || !fits || (type.count != 0 && type.count != field.count)) {
      return Error(ErrorCode::wrong_place,
                   format("'{}' is {} of {} bytes in the record and cannot be read as {}",
                          wanted.kernel_name, wanted.c_type, field.size, print(type)))
          .with_hint("leave out the type to see it as it is declared");
    }
    if (reading.shape.text_bytes == 0) reading.shape.count = field.count;
    if (narrow) reading.shape.low_bytes = static_cast<std::uint8_t>(reading.bytes);
    return reading.shape;
  }

  const decode::EventFormat& format_;
  std::string_view event_;
  const TypeRules& rules_;
  std::vector<WantedField> all_;
};

}  // namespace

Result<std::vector<ResolvedArg>> resolve_event_fields(const FetchContext& context,
                                                      const TypeRules& rules) {
  const Place& place = context.place;
  KPROBED_TRY(const decode::EventFormat event,
              read_event_format(place.event_group, place.event_name, context.kernel));
  const std::string name = format("{}/{}", place.event_group, place.event_name);
  const EventFields fields(event, name, rules);
  if (context.spec.args.empty()) {
    FetchArg everything;
    everything.span = context.spec.point.span;
    return fields.all(everything);
  }
  std::vector<ResolvedArg> args;
  for (std::size_t i = 0; i < context.spec.args.size(); ++i) {
    const FetchArg& arg = context.spec.args[i];
    if (std::holds_alternative<probespec::AllArguments>(arg.expr.base)) {
      for (ResolvedArg& field : fields.all(arg)) args.push_back(std::move(field));
      continue;
    }
    KPROBED_TRY(ResolvedArg field, fields.one(arg, i));
    args.push_back(std::move(field));
  }
  return args;
}

}  // namespace kprobed::resolve
