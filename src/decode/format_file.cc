// SPDX-License-Identifier: Apache-2.0
#include "decode/format_file.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "base/format.h"
#include "base/text.h"

namespace kprobed::decode {
namespace {

/// A kprobe event has at most 128 arguments and 8 words of the kernel's own (trace_probe.h); no
/// tracepoint comes near this.
constexpr std::size_t kMaxFields = 1024;

/// perf_event_header.size and the offset in a __data_loc are 16 bits wide: no field can lie beyond.
constexpr std::uint64_t kMaxRecordBytes = 65536;

Error malformed(std::size_t line, std::string_view what) {
  return Error(ErrorCode::malformed, format("format file, line {}: {}", line, what));
}

std::optional<std::uint32_t> parse_u32(std::string_view text) {
  const auto number = parse_number(text);
  if (!number || *number > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

/// Bytes of one element of the types a probe argument can have (trace_probe.c,
/// probe_fetch_types[]); nullopt for a type only C knows.
std::optional<std::uint32_t> element_bytes(std::string_view type) {
  constexpr struct {
    std::string_view type;
    std::uint32_t bytes;
  } kTypes[] = {{"u8", 1},  {"s8", 1},  {"char", 1}, {"unsigned char", 1}, {"u16", 2}, {"s16", 2},
                {"u32", 4}, {"s32", 4}, {"int", 4},  {"u64", 8},           {"s64", 8}};
  for (const auto& row : kTypes)
    if (row.type == type) return row.bytes;
  return std::nullopt;
}

/// "TYPE NAME", "TYPE NAME[]" or "TYPE NAME[16]", read from the right: a type may hold anything C
/// allows, a name only the characters of an identifier (trace_events.c, f_show).
bool parse_declaration(std::string_view text, FormatField& field) {
  const std::size_t blank = text.find_last_of(" \t");
  if (blank == std::string_view::npos) return false;
  const std::string_view type = trim(text.substr(0, blank));
  std::string_view name = text.substr(blank + 1);
  std::optional<std::string_view> length;
  if (const std::size_t open = name.find('['); open != std::string_view::npos) {
    if (!name.ends_with(']')) return false;
    length = name.substr(open + 1, name.size() - open - 2);
    name = name.substr(0, open);
  }
  if (!is_identifier(name) || type.empty()) return false;
  field.name = name;
  field.type = type;
  field.data_loc = type.starts_with("__data_loc ");

  if (field.data_loc) {
    // `string[2]` shows as "__data_loc char[][2] names": the count stands behind the type's own
    // brackets, and there is one word per element.
    const bool array = std::ranges::count(type, '[') > 1;
    if (field.size % 4 != 0 || field.size == 0 || (!array && field.size != 4)) return false;
    field.count = array ? field.size / 4 : 0;
  } else if (length) {
    // `u16[3]` shows as "u16 arr[]" or "u16 arr[3]"; the size is right in both.
    const std::uint32_t bytes = element_bytes(type).value_or(1);
    field.count = parse_u32(*length).value_or(field.size / bytes);
    if (field.count == 0 || field.size % field.count != 0) return false;
  }
  return true;
}

/// One line after its blanks: "field:TYPE NAME;\toffset:0;\tsize:2;\tsigned:0;". Keys are taken off
/// the right end, so that a later kernel may add some.
Result<FormatField> parse_field(std::string_view line, std::size_t number) {
  FormatField field;
  std::optional<std::uint32_t> offset, size, is_signed;
  while (true) {
    line = trim(line);
    if (!line.ends_with(';')) return malformed(number, "no ';' at the end");
    line.remove_suffix(1);
    const std::size_t before = line.rfind(';');
    if (before == std::string_view::npos) break;
    const std::string_view pair = trim(line.substr(before + 1));
    line = line.substr(0, before + 1);
    const std::size_t colon = pair.find(':');
    if (colon == std::string_view::npos) return malformed(number, "a key without ':'");
    const std::string_view key = pair.substr(0, colon);
    std::optional<std::uint32_t>* slot = key == "offset"   ? &offset
                                         : key == "size"   ? &size
                                         : key == "signed" ? &is_signed
                                                           : nullptr;
    if (slot == nullptr) continue;
    *slot = parse_u32(pair.substr(colon + 1));
    if (!*slot) return malformed(number, format("'{}' is not a number", pair));
  }
  if (!offset || !size || !is_signed)
    return malformed(number, "offset, size or signed is not there");
  if (std::uint64_t{*offset} + *size > kMaxRecordBytes)
    return malformed(number,
                     format("field at {} of {} bytes ends outside of any record", *offset, *size));
  field.offset = *offset;
  field.size = *size;
  field.is_signed = *is_signed != 0;
  line.remove_prefix(std::string_view("field:").size());
  if (!parse_declaration(trim(line), field))
    return malformed(number, format("'{}' does not declare a field", trim(line)));
  return field;
}

}  // namespace

const FormatField* EventFormat::find(std::string_view field) const {
  const auto found = std::ranges::find(fields, field, &FormatField::name);
  return found == fields.end() ? nullptr : &*found;
}

Result<EventFormat> parse_format(std::string_view text) {
  EventFormat event;
  std::optional<std::uint32_t> id;
  std::size_t number = 0;
  for (const std::string_view raw : split_lines(text)) {
    ++number;
    const std::string_view line = trim(raw);
    if (line.starts_with("print fmt:")) break;  // its text is free, and may span lines
    if (line.starts_with("name:")) {
      event.name = trim(line.substr(5));
    } else if (line.starts_with("ID:")) {
      id = parse_u32(trim(line.substr(3)));
      if (!id) return malformed(number, "ID is not a number");
    } else if (line.starts_with("field:")) {
      if (event.fields.size() == kMaxFields) return malformed(number, "too many fields");
      KPROBED_TRY(FormatField field, parse_field(line, number));
      event.fields.push_back(std::move(field));
    }
  }
  if (event.name.empty()) return malformed(number, "no name");
  if (!id) return malformed(number, "no ID");
  if (event.fields.empty()) return malformed(number, "no fields");
  event.id = *id;
  return event;
}

}  // namespace kprobed::decode
