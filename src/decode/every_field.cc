// SPDX-License-Identifier: Apache-2.0
#include "base/format.h"
#include "decode/c_declaration.h"
#include "decode/field_plan.h"

namespace kprobed::decode {
namespace {

/// Written by the kernel at the head of every event (kernel/trace/trace_events.c,
/// trace_define_common_fields(); RT kernels have more of them).
bool is_common(const FormatField& field) { return field.name.starts_with("common_"); }

/// trace_probe.h: FIELD_STRING_IP, _FUNC, _RETIP.
bool is_probe_address(const FormatField& field) {
  return field.name == "__probe_ip" || field.name == "__probe_func" ||
         field.name == "__probe_ret_ip";
}

Show number_shape(const FormatField& field) {
  if (is_probe_address(field)) return Show::symbol;
  if (field.type.ends_with('*')) return Show::hex;
  if (field.type == "bool") return Show::boolean;
  return field.is_signed ? Show::signed_number : Show::unsigned_number;
}

/// An argument of a system call: "int dfd" in 8 bytes, the register as the caller left it
/// (kernel/trace/trace_syscalls.c). Only the C type's bytes mean something, and its sign.
void take_low_bytes(const FormatField& field, ValueShape& shape) {
  const auto bytes = type_bytes(field.type);
  if (!bytes || field.count != 0 || *bytes >= field.size) return;
  shape.low_bytes = *bytes;
  if (shape.show != Show::unsigned_number) return;
  const bool is_unsigned = field.type.starts_with('u') || field.type.starts_with("__u");
  if (!is_unsigned) shape.show = Show::signed_number;
}

ValueShape shape_of(const FormatField& field) {
  ValueShape shape;
  shape.count = field.count;
  if (field.data_loc) {
    if (is_char(data_loc_element(field.type)))
      shape.show = Show::text;
    else
      shape.dynamic = true;  // addresses, masks, raw memory: hex
  } else if (field.count != 0 && is_char(field.type)) {
    shape = {.show = Show::text, .text_bytes = field.size};
  } else {
    shape.show = number_shape(field);
    take_low_bytes(field, shape);
  }
  return shape;
}

/// As C has it: "char[16]", "u64[]", "const char *".
std::string c_type_of(const FormatField& field) {
  if (field.data_loc) return field.type.substr(field.type.find(' ') + 1);
  return field.count == 0 ? field.type : format("{}[{}]", field.type, field.count);
}

}  // namespace

std::vector<WantedField> every_field(const EventFormat& event) {
  std::vector<WantedField> wanted;
  for (const FormatField& field : event.fields) {
    if (is_common(field) || field.size == 0) continue;
    wanted.push_back(
        {field.name, field.name, shape_of(field), Unreadable::never, c_type_of(field)});
  }
  return wanted;
}

}  // namespace kprobed::decode
