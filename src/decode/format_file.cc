// SPDX-License-Identifier: Apache-2.0
#include "decode/format_file.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "base/format.h"
#include "base/text.h"
#include "decode/c_declaration.h"

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

/// How many elements an array has whose declaration ends in [LENGTH]; nullopt where that makes no
/// sense with its size. The text is the author's: a number, nothing, or an expression that only C
/// understands ("sizeof(struct x)": f_show of trace_events.c prints it as it is).
std::optional<std::uint32_t> elements_of(const FormatField& field, std::string_view length) {
  if (field.size == 0) return length.empty() || length == "0" ? std::optional(0U) : std::nullopt;
  const std::uint32_t bytes = type_bytes(field.type).value_or(1);
  const std::uint32_t count = parse_u32(length).value_or(field.size / bytes);
  if (count == 0 || field.size % count != 0) return std::nullopt;
  return count;
}

/// Where the bracket opens that closes at the end of `text`; npos if nowhere.
std::size_t opening_bracket(std::string_view text) {
  std::size_t depth = 0;
  for (std::size_t at = text.size(); at-- > 0;) {
    if (text[at] == ']') ++depth;
    if (text[at] == '[' && --depth == 0) return at;
  }
  return text.npos;
}

/// "TYPE NAME", "TYPE NAME[]" or "TYPE NAME[16]", read from the right: a type may hold anything C
/// allows, a name only the characters of an identifier (trace_events.c, f_show).
bool parse_declaration(std::string_view text, FormatField& field) {
  field.relative = text.starts_with("__rel_loc ");
  field.data_loc = field.relative || text.starts_with("__data_loc ");
  std::optional<std::string_view> length;
  // In a __data_loc the brackets are the type's, and stand before the name.
  if (!field.data_loc && text.ends_with(']')) {
    const std::size_t open = opening_bracket(text);
    if (open == text.npos) return false;
    length = text.substr(open + 1, text.size() - open - 2);
    text = text.substr(0, open);
  }
  const std::size_t blank = text.find_last_of(" \t");
  if (blank == text.npos) return false;
  field.type = trim(text.substr(0, blank));
  field.name = text.substr(blank + 1);
  if (!is_identifier(field.name) || field.type.empty()) return false;

  if (field.data_loc) {
    // `string[2]` shows as "__data_loc char[][2] names": the count stands behind the type's own
    // brackets, and there is one word per element.
    const bool array = std::ranges::count(field.type, '[') > 1;
    if (field.size % 4 != 0 || field.size == 0 || (!array && field.size != 4)) return false;
    field.count = array ? field.size / 4 : 0;
  } else if (length) {
    // `u16[3]` shows as "u16 arr[]" or "u16 arr[3]"; the size is right in both.
    const auto count = elements_of(field, *length);
    if (!count) return false;
    field.count = *count;
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
