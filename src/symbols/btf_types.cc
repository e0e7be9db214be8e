// SPDX-License-Identifier: Apache-2.0
#include "symbols/btf_types.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/format.h"
#include "symbols/btf_c_name.h"

namespace kprobed::symbols {

using resolve::FunctionType;
using resolve::TypeId;
using resolve::TypeInfo;
using resolve::TypeKind;
using resolve::TypeMember;

namespace {

/// Typedefs of typedefs, arrays of arrays: more than any kernel has; a file may have loops.
constexpr unsigned kDeepest = 32;

/// Numbers of one byte, whatever they are made of: some architectures have u8 as plain char.
bool names_byte(std::string_view name) {
  for (const std::string_view byte : {"u8", "__u8", "uint8_t", "u_int8_t", "u_char", "unchar",
                                      "unsigned char", "s8", "__s8", "int8_t", "signed char"}) {
    if (name == byte) return true;
  }
  return false;
}

bool is_function(const btf_type& type) { return btf_is_func(&type); }
bool is_variable(const btf_type& type) { return btf_is_var(&type); }

bool same_prototype(const BtfFile& file, const btf_type& a, const btf_type& b) {
  if (a.type == b.type) return true;
  const btf_type* first = file.type(a.type);
  const btf_type* second = file.type(b.type);
  if (first == nullptr || second == nullptr || !btf_is_func_proto(first) ||
      !btf_is_func_proto(second) || first->type != second->type) {
    return false;
  }
  return std::ranges::equal(std::span(btf_params(first), std::size_t{btf_vlen(first)}),
                            std::span(btf_params(second), std::size_t{btf_vlen(second)}),
                            [&file](const btf_param& x, const btf_param& y) {
                              return x.type == y.type &&
                                     file.text(x.name_off) == file.text(y.name_off);
                            });
}

/// What find() takes: "struct file", "file".
struct Wanted {
  std::string_view name;
  bool (*takes)(const btf_type&);
};

Wanted read_c_name(std::string_view c_name) {
  const auto after = [&c_name](std::string_view word) {
    if (c_name.substr(0, word.size()) != word) return false;
    c_name.remove_prefix(word.size());
    return true;
  };
  if (after("struct ")) return {c_name, [](const btf_type& t) { return btf_is_struct(&t); }};
  if (after("union ")) return {c_name, [](const btf_type& t) { return btf_is_union(&t); }};
  if (after("enum ")) return {c_name, [](const btf_type& t) { return btf_is_any_enum(&t); }};
  return {compilers_integer_name(c_name), [](const btf_type& t) {
            return btf_is_int(&t) || btf_is_float(&t) || btf_is_typedef(&t);
          }};
}

}  // namespace

Result<std::unique_ptr<BtfTypes>> BtfTypes::open(const std::string& path) {
  KPROBED_TRY(auto file, BtfFile::open(path, nullptr));
  auto types = std::make_unique<BtfTypes>();
  types->spaces_.push_back({"", std::move(file)});
  return types;
}

Result<void> BtfTypes::add_module(std::string_view module, const std::string& path) {
  if (space_of(module) != nullptr) return {};
  KPROBED_TRY(auto file, BtfFile::open(path, spaces_.front().file.get()));
  spaces_.push_back({std::string(module), std::move(file)});
  return {};
}

Result<void> BtfTypes::add_module_bytes(std::string_view module, const std::string& bytes) {
  if (space_of(module) != nullptr) return {};
  KPROBED_TRY(auto file, BtfFile::parse(bytes, *spaces_.front().file));
  spaces_.push_back({std::string(module), std::move(file)});
  return {};
}

std::optional<FunctionType> BtfTypes::function(std::string_view name,
                                               std::string_view module) const {
  const Space* space = space_of(module);
  if (space == nullptr) return std::nullopt;
  const BtfFile& file = *space->file;
  const std::vector<std::uint32_t> found = file.find(name, is_function);
  if (found.empty()) return std::nullopt;
  const btf_type& function = *file.type(found.front());
  for (const std::uint32_t other : found) {
    if (!same_prototype(file, function, *file.type(other))) return std::nullopt;
  }
  const btf_type* prototype = file.type(function.type);
  if (prototype == nullptr || !btf_is_func_proto(prototype)) return std::nullopt;

  const auto number = static_cast<std::uint32_t>(space - spaces_.data());
  FunctionType type;
  type.returns = global(number, prototype->type);
  for (const btf_param& parameter :
       std::span(btf_params(prototype), std::size_t{btf_vlen(prototype)})) {
    // "..." is a last parameter without name and type (BTF's own documentation).
    type.variadic = parameter.name_off == 0 && parameter.type == 0;
    if (type.variadic) break;
    type.parameters.push_back(
        {std::string(file.text(parameter.name_off)), global(number, parameter.type)});
  }
  return type;
}

TypeInfo BtfTypes::describe(TypeId type) const {
  TypeInfo info = info_of(look_through(type));
  if (type.space < spaces_.size()) info.c_name = c_name(*spaces_[type.space].file, type.id);
  return info;
}

std::vector<TypeMember> BtfTypes::members(TypeId type) const {
  const Found found = look_through(type);
  std::vector<TypeMember> members;
  if (found.type == nullptr || !btf_is_composite(found.type)) return members;
  for (std::uint32_t i = 0; i < btf_vlen(found.type); ++i) members.push_back(member_of(found, i));
  return members;
}

std::vector<decode::Enumerator> BtfTypes::enumerators(TypeId type) const {
  const Found found = look_through(type);
  std::vector<decode::Enumerator> values;
  if (found.type == nullptr) return values;
  const std::size_t count = btf_vlen(found.type);
  if (btf_is_enum(found.type)) {
    const bool is_signed = is_signed_enum(found);
    for (const struct btf_enum& row : std::span(btf_enum(found.type), count)) {
      const std::int64_t value =
          is_signed ? std::int64_t{row.val} : std::int64_t{static_cast<std::uint32_t>(row.val)};
      values.push_back({value, std::string(found.file->text(row.name_off))});
    }
  } else if (btf_is_enum64(found.type)) {
    for (const struct btf_enum64& row : std::span(btf_enum64(found.type), count)) {
      values.push_back({static_cast<std::int64_t>(btf_enum64_value(&row)),
                        std::string(found.file->text(row.name_off))});
    }
  }
  std::ranges::stable_sort(values, {}, &decode::Enumerator::value);
  const auto same_value = [](const decode::Enumerator& a, const decode::Enumerator& b) {
    return a.value == b.value;
  };
  values.erase(std::unique(values.begin(), values.end(), same_value), values.end());
  return values;
}

std::optional<TypeId> BtfTypes::find(std::string_view c_name) const {
  if (c_name == "void") return TypeId{};
  const Wanted wanted = read_c_name(c_name);
  for (std::uint32_t space = 0; space < spaces_.size(); ++space) {
    const auto found = spaces_[space].file->find(wanted.name, wanted.takes);
    if (!found.empty()) return TypeId{space, found.front()};
  }
  return std::nullopt;
}

std::optional<resolve::TypeView::Variable> BtfTypes::variable(std::string_view name,
                                                              std::string_view module) const {
  const Space* space = space_of(module);
  if (space == nullptr) return std::nullopt;
  const std::vector<std::uint32_t> found = space->file->find(name, is_variable);
  if (found.size() != 1) return std::nullopt;
  const auto number = static_cast<std::uint32_t>(space - spaces_.data());
  return Variable{global(number, space->file->type(found.front())->type),
                  space->file->is_per_cpu(found.front())};
}

const BtfTypes::Space* BtfTypes::space_of(std::string_view module) const {
  const auto found = std::ranges::find(spaces_, module, &Space::module);
  return found == spaces_.end() ? nullptr : &*found;
}

TypeId BtfTypes::global(std::uint32_t space, std::uint32_t id) const {
  // A module's file names the kernel's types by the kernel's ids.
  return {id < spaces_[space].file->first_own_id() ? 0 : space, id};
}

BtfTypes::Found BtfTypes::look_through(TypeId type) const {
  if (type.space >= spaces_.size()) return {};
  Found found{type.space, type.id, spaces_[type.space].file.get(), nullptr, false};
  for (unsigned depth = 0; depth < kDeepest; ++depth) {
    found.id = skip_modifiers(*found.file, found.id);
    found.type = found.file->type(found.id);
    if (found.type == nullptr || found.id == 0) return found;
    if (btf_is_fwd(found.type)) return complete(found);
    if (!btf_is_typedef(found.type)) return found;
    found.byte_name = found.byte_name || names_byte(found.file->name(*found.type));
    found.id = found.type->type;
  }
  return {};
}

BtfTypes::Found BtfTypes::complete(const Found& declared) const {
  // A forward declaration stays where a module (or one object of the kernel) never saw more.
  const std::string_view name = declared.file->name(*declared.type);
  const auto takes = btf_kflag(declared.type) ? [](const btf_type& t) { return btf_is_union(&t); }
                                              : [](const btf_type& t) { return btf_is_struct(&t); };
  for (const std::uint32_t space : {declared.space, std::uint32_t{0}}) {
    const BtfFile* file = spaces_[space].file.get();
    const std::vector<std::uint32_t> found = file->find(name, takes);
    if (found.size() == 1) return {space, found.front(), file, file->type(found.front()), false};
  }
  return declared;
}

TypeInfo BtfTypes::info_of(const Found& found) const {
  TypeInfo info;
  if (found.type == nullptr) return info;
  if (found.id == 0) {
    info.kind = TypeKind::nothing;
    return info;
  }
  const btf_type& type = *found.type;
  switch (btf_kind(&type)) {
    case BTF_KIND_INT: {
      const unsigned encoding = btf_int_encoding(&type);
      const std::string_view name = found.file->name(type);
      info.kind = TypeKind::integer;
      info.bytes = type.size;
      info.is_signed = (encoding & BTF_INT_SIGNED) != 0;
      info.is_bool = (encoding & BTF_INT_BOOL) != 0 || name == "_Bool";
      info.is_char = type.size == 1 && !info.is_bool && !found.byte_name && !names_byte(name) &&
                     (name == "char" || (encoding & BTF_INT_CHAR) != 0);
      break;
    }
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
      info.kind = TypeKind::enumeration;
      info.bytes = type.size;
      info.is_signed = is_signed_enum(found);
      break;
    case BTF_KIND_PTR:
      info.kind = TypeKind::pointer;
      info.bytes = found.file->pointer_bytes();
      info.target = global(found.space, type.type);
      break;
    case BTF_KIND_ARRAY: {
      const struct btf_array& array = *btf_array(&type);
      info.kind = TypeKind::array;
      info.target = global(found.space, array.type);
      info.count = array.nelems;
      info.bytes = size_of({found.space, found.id}, 0);
      break;
    }
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
      info.kind = btf_is_struct(&type) ? TypeKind::structure : TypeKind::union_;
      info.bytes = type.size;
      break;
    case BTF_KIND_FUNC_PROTO:
      info.kind = TypeKind::function;
      break;
    case BTF_KIND_FLOAT:
      info.kind = TypeKind::floating;
      info.bytes = type.size;
      break;
    default:
      break;
  }
  return info;
}

std::uint32_t BtfTypes::size_of(TypeId type, unsigned depth) const {
  const Found found = look_through(type);
  if (found.type == nullptr || found.id == 0 || depth == kDeepest) return 0;
  if (!btf_is_array(found.type)) return info_of(found).bytes;
  const struct btf_array& array = *btf_array(found.type);
  const std::uint64_t bytes =
      std::uint64_t{array.nelems} * size_of(global(found.space, array.type), depth + 1);
  return bytes == static_cast<std::uint32_t>(bytes) ? static_cast<std::uint32_t>(bytes) : 0;
}

TypeMember BtfTypes::member_of(const Found& owner, std::uint32_t index) const {
  const btf_member& raw = btf_members(owner.type)[index];
  TypeMember member;
  member.name = owner.file->text(raw.name_off);
  member.type = global(owner.space, raw.type);
  member.bit_offset = btf_member_bit_offset(owner.type, index);
  member.bit_width = btf_member_bitfield_size(owner.type, index);
  if (btf_kflag(owner.type)) return member;
  // The older way (pahole before 1.13): the member's own INT says that it is narrower.
  const Found found = look_through(member.type);
  if (found.type == nullptr || found.id == 0 || !btf_is_int(found.type)) return member;
  const unsigned bits = btf_int_bits(found.type);
  const bool narrow =
      bits != found.type->size * 8 || btf_int_offset(found.type) != 0 || member.bit_offset % 8 != 0;
  if (narrow) member.bit_width = bits;
  member.bit_offset += btf_int_offset(found.type);
  return member;
}

bool BtfTypes::is_signed_enum(const Found& found) const {
  if (btf_kflag(found.type)) return true;
  if (!btf_is_enum(found.type) || found.file->says_enum_signs()) return false;
  return std::ranges::any_of(std::span(btf_enum(found.type), std::size_t{btf_vlen(found.type)}),
                             [](const struct btf_enum& row) { return row.val < 0; });
}

}  // namespace kprobed::symbols
