// SPDX-License-Identifier: Apache-2.0
#include "resolve/field_path.h"

#include <initializer_list>
#include <utility>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "probespec/suggest.h"

namespace kprobed::resolve {

namespace {

using probespec::FieldStep;

/// Anonymous members nest a few deep in the kernel; BTF of a damaged file could do so for ever.
constexpr unsigned kMaxNesting = 16;

std::optional<TypeMember> find_member(const CType& structure, std::string_view name,
                                      unsigned nesting) {
  if (structure.view == nullptr || nesting > kMaxNesting) return std::nullopt;
  const std::vector<TypeMember> members = structure.view->members(structure.id);
  for (const TypeMember& member : members) {
    if (member.name == name) return member;
  }
  for (const TypeMember& member : members) {
    if (!member.name.empty()) continue;
    const CType inner = CType::of(*structure.view, member.type);
    if (!inner.is_structure()) continue;
    if (auto found = find_member(inner, name, nesting + 1)) {
      found->bit_offset += member.bit_offset;
      return found;
    }
  }
  return std::nullopt;
}

/// A field and the way to it: "skc_state" at "__sk_common.skc_state".
struct FieldName {
  std::string name, path;
};

/// Fields of the structure, those of anonymous members among them; and of the structures that lie
/// in it, since the kernel calls many of those by macros (sk_state is __sk_common.skc_state).
void collect_names(const CType& structure, const std::string& prefix, unsigned nesting,
                   std::vector<FieldName>& names) {
  if (nesting > kMaxNesting) return;
  for (const TypeMember& member : structure.view->members(structure.id)) {
    if (!member.name.empty()) names.push_back({member.name, prefix + member.name});
    const CType inner = CType::of(*structure.view, member.type);
    if (!inner.is_structure()) continue;
    if (member.name.empty()) {
      collect_names(inner, prefix, nesting + 1, names);
    } else if (prefix.empty()) {
      collect_names(inner, member.name + ".", nesting + 1, names);
    }
  }
}

/// The nearest by its last name, and of equally near ones the shortest way; "" if none is near.
std::string meant_field(const CType& structure, std::string_view name) {
  std::vector<FieldName> fields;
  collect_names(structure, "", 0, fields);
  constexpr std::size_t kNear = 2;
  const FieldName* best = nullptr;
  std::size_t least = kNear + 1;
  for (const FieldName& field : fields) {
    const std::string_view single[] = {field.name};
    if (probespec::nearest(name, single).empty()) continue;
    const std::size_t distance = edit_distance(name, field.name, kNear);
    const bool nearer = best == nullptr || distance < least ||
                        (distance == least && field.path.size() < best->path.size());
    if (!nearer) continue;
    best = &field;
    least = distance;
  }
  return best == nullptr ? std::string() : best->path;
}

Error no_such_field(const CType& structure, std::string_view name) {
  Error error(ErrorCode::not_found, format("{} has no field '{}'", structure.info.c_name, name));
  const std::string meant = meant_field(structure, name);
  error.hint = list_fields(structure);
  if (!meant.empty()) {
    error.hint = error.hint.empty() ? format("did you mean '{}'?", meant)
                                    : format("did you mean '{}'? {}", meant, error.hint);
  }
  return error;
}

/// What has to be said of a value that has no fields.
Error no_fields(const CType& type, std::string_view name) {
  return Error(ErrorCode::wrong_place,
               format("'{}' is {}, which has no fields", name, type.info.c_name));
}

Error unknown_target(const CType& type, std::string_view name) {
  return Error(
             ErrorCode::unsupported,
             format("'{}' is {}, and BTF does not say what that points to", name, type.info.c_name))
      .with_hint(format("read at an offset in bytes, as in +8({}):u32", name));
}

/// The structure that a member is to be looked up in; `place` moves to its beginning.
Result<CType> enter_structure(TypedPlace& place, const FieldStep& step, std::string_view name) {
  const CType& type = place.type;
  if (type.is_structure()) {
    if (step.kind == FieldStep::Kind::arrow) {
      return Error(ErrorCode::wrong_place,
                   format("'{}' is {} itself, no pointer to one", name, type.info.c_name))
          .with_hint(format("write .{}", step.name));
    }
    if (!place.at.in_memory) {
      return Error(
                 ErrorCode::unsupported,
                 format("'{}' is passed by value: its fields lie side by side in registers", name))
          .with_hint(format("write {}:x64 to see the first of them", name));
    }
    return type;
  }
  if (type.info.kind == TypeKind::array) {
    return Error(ErrorCode::wrong_place, format("'{}' is an array, {}", name, type.info.c_name))
        .with_hint(format("say which of them: {}[0]", name));
  }
  if (!type.is_pointer()) return no_fields(type, name);
  if (type.view == nullptr) return unknown_target(type, name);
  const CType target = type.target();
  if (target.info.kind == TypeKind::nothing || target.info.kind == TypeKind::unknown) {
    return unknown_target(type, name);
  }
  if (!target.is_structure()) return no_fields(type, name);
  if (step.kind == FieldStep::Kind::dot) {
    return Error(ErrorCode::wrong_place, format("'{}' is a pointer, {}", name, type.info.c_name))
        .with_hint(format("write ->{}", step.name));
  }
  place.at.follow(0);
  return target;
}

Result<void> take_member(TypedPlace& place, const FieldStep& step, std::string_view name) {
  KPROBED_TRY(const CType structure, enter_structure(place, step, name));
  const auto member = resolve::find_member(structure, step.name);
  if (!member) return no_such_field(structure, step.name);
  place.type = CType::of(*structure.view, member->type);
  place.bit_width = member->bit_width;
  if (member->bit_width != 0) {
    place.bit_offset = member->bit_offset;
  } else {
    place.at.offset += member->bit_offset / 8;
  }
  return {};
}

Result<void> take_element(TypedPlace& place, const FieldStep& step, std::string_view name) {
  const CType& type = place.type;
  const bool array = type.info.kind == TypeKind::array;
  if (!array && !type.is_pointer()) {
    return Error(ErrorCode::wrong_place,
                 format("'{}' is {}, no array and no pointer", name, type.info.c_name));
  }
  if (type.view == nullptr) return unknown_target(type, name);
  const CType element = type.target();
  if (element.info.bytes == 0) return unknown_target(type, name);
  if (array && type.info.count != 0 && step.index >= type.info.count) {
    return Error(ErrorCode::bad_number, format("'{}' is {}: its elements are 0 to {}", name,
                                               type.info.c_name, type.info.count - 1));
  }
  if (!array) place.at.follow(0);
  place.at.offset += std::int64_t{step.index} * element.info.bytes;
  place.type = element;
  return {};
}

}  // namespace

Result<void> take_step(TypedPlace& place, const FieldStep& step, std::string_view name) {
  auto taken = place.bit_width != 0                  ? Result<void>(no_fields(place.type, name))
               : step.kind == FieldStep::Kind::index ? take_element(place, step, name)
                                                     : take_member(place, step, name);
  // kstrtol takes any, but an offset of ours that large is none (damaged BTF).
  if (taken.ok() && place.at.offset > std::int64_t{INT32_MAX}) {
    taken = Error(ErrorCode::bad_number, format("'{}{}' lies too far away", name, print(step)));
  }
  if (!taken.ok()) return std::move(taken).error().at(step.span);
  return taken;
}

std::optional<TypeMember> find_member(const CType& structure, std::string_view name) {
  return find_member(structure, name, 0);
}

std::optional<probespec::BitField> enter_bit_field(TypedPlace& place, ByteOrder order) {
  const std::uint32_t begin = place.bit_offset, width = place.bit_width;
  // First where compilers put containers, at multiples of their size; then, for packed structures,
  // anywhere.
  for (const bool aligned : {true, false}) {
    for (const std::uint32_t container : {8u, 16u, 32u, 64u}) {
      const std::uint32_t base = begin - begin % (aligned ? container : 8);
      if (begin - base + width > container) continue;
      place.at.offset += base / 8;
      // BTF counts from the first byte in memory, that is the lowest bits of a little-endian number
      // and the highest of a big-endian one; MOD_BF counts from the lowest.
      const std::uint32_t offset =
          order == ByteOrder::little ? begin - base : container - width - (begin - base);
      return probespec::BitField{width, offset, container};
    }
  }
  return std::nullopt;
}

std::optional<std::uint32_t> member_offset(const TypeView& types, std::string_view structure,
                                           std::span<const std::string_view> path) {
  const auto id = types.find(structure);
  if (!id) return std::nullopt;
  CType type = CType::of(types, *id);
  std::uint32_t bits = 0;
  for (const std::string_view name : path) {
    const auto member = find_member(type, name);
    if (!member) return std::nullopt;
    bits += member->bit_offset;
    type = CType::of(types, member->type);
  }
  return bits / 8;
}

}  // namespace kprobed::resolve
