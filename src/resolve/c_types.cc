// SPDX-License-Identifier: Apache-2.0
#include "resolve/c_types.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "base/format.h"

namespace kprobed::resolve {

namespace {

using decode::Show;
using probespec::BaseType;

Reading number(char letter, unsigned bytes) {
  const Show show = letter == 's'   ? Show::signed_number
                    : letter == 'u' ? Show::unsigned_number
                                    : Show::hex;
  return {.element = format("{}{}", letter, bytes * 8),
          .bytes = bytes,
          .count = 0,
          .shape = {.show = show}};
}

Reading boolean() {
  Reading reading = number('u', 1);
  reading.shape.show = Show::boolean;
  return reading;
}

/// The kernel's own `char` came in 6.3; the byte is the same.
Reading character(const TypeRules& rules) {
  Reading reading = number('u', 1);
  reading.shape.show = Show::character;
  if (rules.features.char_type) reading.element = "char";
  return reading;
}

Reading symbol(const TypeRules& rules) {
  // ADDR_FETCH_TYPE, kernel/trace/trace_probe.h: one machine word.
  return {
      .element = "symbol", .bytes = rules.word_bytes, .count = 0, .shape = {.show = Show::symbol}};
}

Reading symbol_text() {
  return {.element = "symstr", .bytes = 4, .count = 0, .shape = {.show = Show::text}};
}

Result<Reading> one_of(BaseType base, bool array, const TypeRules& rules) {
  const KernelFeatures& features = rules.features;
  switch (base) {
    case BaseType::u8:
      return number('u', 1);
    case BaseType::u16:
      return number('u', 2);
    case BaseType::u32:
      return number('u', 4);
    case BaseType::u64:
      return number('u', 8);
    case BaseType::s8:
      return number('s', 1);
    case BaseType::s16:
      return number('s', 2);
    case BaseType::s32:
      return number('s', 4);
    case BaseType::s64:
      return number('s', 8);
    case BaseType::x8:
      return number('x', 1);
    case BaseType::x16:
      return number('x', 2);
    case BaseType::x32:
      return number('x', 4);
    case BaseType::x64:
      return number('x', 8);
    case BaseType::c_int:
      return number('s', 4);
    case BaseType::c_uint:
      return number('u', 4);
    case BaseType::c_short:
      return number('s', 2);
    case BaseType::c_ushort:
      return number('u', 2);
    case BaseType::c_long:
      return number('s', rules.word_bytes);
    case BaseType::c_ulong:
      return number('u', rules.word_bytes);
    case BaseType::c_ptr:
      return word_reading(rules);
    case BaseType::c_bool:
      return boolean();
    case BaseType::character:
      return character(rules);
    case BaseType::string:
    case BaseType::dentry_name:
    case BaseType::file_name:
      return text_reading(false);
    case BaseType::ustring:
      if (features.known && !features.ustring) {
        return Error(ErrorCode::unsupported, "this kernel has no 'ustring' (Linux 5.3 has)");
      }
      return text_reading(true);
    case BaseType::symbol:
    case BaseType::symstr:
      // The kernel makes no arrays of the texts, but of the addresses.
      return base == BaseType::symstr && features.symstr_type && !array ? symbol_text()
                                                                        : symbol(rules);
  }
  return Error(ErrorCode::internal, "a type without a reading");
}

std::shared_ptr<const std::vector<decode::Enumerator>> enumerators_of(const CType& type) {
  if (type.view == nullptr) return nullptr;
  return std::make_shared<const std::vector<decode::Enumerator>>(type.view->enumerators(type.id));
}

/// How integers, bool, char and enumerations are shown; nullopt for other types.
std::optional<decode::ValueShape> scalar_shape(const CType& type) {
  if (type.info.kind == TypeKind::enumeration) {
    return decode::ValueShape{.show = Show::enumeration,
                              .is_signed = type.info.is_signed,
                              .enumerators = enumerators_of(type)};
  }
  if (type.info.kind != TypeKind::integer) return std::nullopt;
  if (type.info.is_bool) return decode::ValueShape{.show = Show::boolean};
  if (type.info.is_char) return decode::ValueShape{.show = Show::character};
  return decode::ValueShape{.show =
                                type.info.is_signed ? Show::signed_number : Show::unsigned_number};
}

bool has_number_size(std::uint32_t bytes) {
  return bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8;
}

Error not_one_value(const CType& type) {
  return Error(ErrorCode::wrong_place, format("{} is not one value but several", type.info.c_name))
      .with_hint(list_fields(type));
}

Error unreadable_type(const CType& type) {
  const std::string_view why =
      type.info.kind == TypeKind::floating  ? "floating point has registers that no probe sees"
      : type.info.kind == TypeKind::nothing ? "there is nothing to read"
      : type.info.kind == TypeKind::integer ? "kprobe_events reads 1, 2, 4 or 8 bytes"
                                            : "its size is not known";
  return Error(ErrorCode::unsupported, format("{} cannot be recorded: {}", type.info.c_name, why))
      .with_hint("write a type such as :u64 to read its bytes as that");
}

Result<Reading> scalar_reading(const CType& type, const TypeRules& rules) {
  const auto shape = scalar_shape(type);
  if (!shape || !has_number_size(type.info.bytes)) return unreadable_type(type);
  if (shape->show == Show::character) return character(rules);
  Reading reading = number(type.info.is_signed ? 's' : 'u', type.info.bytes);
  reading.shape = *shape;
  return reading;
}

Reading pointer_reading(const CType& type, const TypeRules& rules) {
  if (type.view == nullptr) return word_reading(rules);
  const TypeInfo target = type.view->describe(type.info.target);
  // On x86, arm64 and riscv the kernel reads a user address as such
  // (ARCH_HAS_NON_OVERLAPPING_ADDRESS_SPACE), so that `string` serves both.
  if (target.kind == TypeKind::integer && target.is_char) return text_reading(false);
  if (target.kind == TypeKind::function) return symbol(rules);
  return word_reading(rules);
}

Result<Reading> array_reading(const CType& type, const TypeRules& rules, std::string& cut) {
  const CType element = type.target();
  const std::uint32_t count = type.info.count;
  if (element.info.kind == TypeKind::integer && element.info.is_char) {
    // A larger one would have to be cut: then rather the kernel's own string.
    if (count == 0 || count > probespec::kMaxBoundedText) return text_reading(false);
    return bounded_text_reading(count);
  }
  if (element.is_structure() || element.info.kind == TypeKind::array) {
    return Error(ErrorCode::wrong_place,
                 format("{} is not one value but several", type.info.c_name))
        .with_hint("write [N] behind it, for one of them");
  }
  if (count == 0) {
    return Error(ErrorCode::wrong_place,
                 format("{} does not say how many there are", type.info.c_name))
        .with_hint("write [N] behind it for one of them, or a type such as :u32[4] for several");
  }
  Reading reading;
  if (element.is_pointer()) {
    reading = word_reading(rules);
  } else {
    KPROBED_TRY(reading, scalar_reading(element, rules));
  }
  reading.count = reading.shape.count = std::min(count, probespec::kMaxArrayLength);
  if (reading.count < count) {
    cut = format("only the first {} of {} elements are recorded", reading.count, count);
  }
  return reading;
}

}  // namespace

bool Reading::is_text() const {
  return element == "string" || element == "ustring" || element == "symstr";
}

bool Reading::from_memory() const { return count != 0 || (is_text() && element != "symstr"); }

std::string Reading::kernel_type() const {
  return count == 0 ? element : format("{}[{}]", element, count);
}

Reading word_reading(const TypeRules& rules) { return number('x', rules.word_bytes); }

Reading text_reading(bool user) {
  return {.element = user ? "ustring" : "string",
          .bytes = 4,
          .count = 0,
          .shape = {.show = Show::text}};
}

Reading bounded_text_reading(unsigned bytes) {
  // An array has 64 elements at most (MAX_ARRAY_LEN); what the words hold beyond `bytes` is cut off
  // when it is shown.
  const unsigned width = bytes <= probespec::kMaxArrayLength ? 1 : 8;
  Reading reading = number('u', width);
  reading.count = (bytes + width - 1) / width;
  reading.shape = {.show = Show::text, .text_bytes = bytes};
  return reading;
}

Error no_user_array() {
  return Error(ErrorCode::unsupported,
               "the kernel reads no arrays through '+u', and on this machine user memory is not "
               "read without")
      .with_hint("write :ustring");
}

Result<Reading> written_reading(const probespec::FetchType& type, const TypeRules& rules) {
  if (type.text_bytes != 0) {
    const bool user = type.base == BaseType::ustring && !rules.user_program;
    if (user && rules.overlapping) return no_user_array();
    return bounded_text_reading(type.text_bytes);
  }
  Reading reading;
  if (type.bits) {
    reading = number('u', type.bits->container / 8);
    reading.element =
        format("b{}@{}/{}", type.bits->width, type.bits->offset, type.bits->container);
  } else {
    KPROBED_TRY(reading, one_of(type.base, type.count != 0, rules));
  }
  reading.count = reading.shape.count = type.count;
  if (type.count != 0 && !type.bits && type.base == BaseType::character) {
    // Letters side by side are text.
    reading.shape = {.show = Show::text, .text_bytes = type.count};
  }
  return reading;
}

Result<Reading> default_reading(const CType& type, const TypeRules& rules, std::string& cut) {
  switch (type.info.kind) {
    case TypeKind::integer:
    case TypeKind::enumeration:
      return scalar_reading(type, rules);
    case TypeKind::pointer:
      return pointer_reading(type, rules);
    case TypeKind::array:
      return array_reading(type, rules, cut);
    case TypeKind::structure:
    case TypeKind::union_:
      return not_one_value(type);
    case TypeKind::nothing:
    case TypeKind::function:
    case TypeKind::floating:
    case TypeKind::unknown:
      break;
  }
  return unreadable_type(type);
}

Result<Reading> bits_reading(const CType& type, const probespec::BitField& bits) {
  auto shape = scalar_shape(type);
  if (!shape) return unreadable_type(type);
  // MOD_BF, kernel/trace/trace_probe_tmpl.h, shifts without sign.
  if (shape->show == Show::signed_number) shape->show = Show::unsigned_number;
  shape->is_signed = false;
  Reading reading = number('u', bits.container / 8);
  reading.element = format("b{}@{}/{}", bits.width, bits.offset, bits.container);
  reading.shape = std::move(*shape);
  return reading;
}

std::string list_fields(const CType& type) {
  if (type.view == nullptr || !type.is_structure()) return {};
  constexpr std::size_t kMost = 8;
  std::string names;
  std::size_t count = 0;
  for (const TypeMember& member : type.view->members(type.id)) {
    if (member.name.empty()) continue;
    if (++count > kMost) break;
    names += (names.empty() ? "" : ", ") + member.name;
  }
  return names.empty() ? std::string()
                       : format("its fields are {}{}", names, count > kMost ? ", ..." : "");
}

}  // namespace kprobed::resolve
