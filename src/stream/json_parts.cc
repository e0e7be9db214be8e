// SPDX-License-Identifier: Apache-2.0
#include "stream/json_parts.h"

#include "stream/append.h"
#include "stream/event_place.h"
#include "stream/json_lines.h"
#include "stream/kernel_words.h"

namespace kprobed::stream {

bool append_text_or_null(std::string_view text, std::string& out) {
  if (!text.empty()) return append_json_string(text, out);
  out += "null";
  return true;
}

void append_hex_string(std::uint64_t value, std::string& out) {
  out += '"';
  append_hex(value, out);
  out += '"';
}

void append_bytes_string(std::string_view bytes, std::string& out) {
  out += '"';
  for (const char byte : bytes) append_byte(byte, out);
  out += '"';
}

void append_comma(std::string& out) {
  if (out.back() != '{' && out.back() != '[') out += ',';
}

void append_probe(const ProbeLabel& label, std::string& out) {
  out += R"("probe":)";
  append_json_string(label.name, out);
  out += R"(,"kind":")";
  out += label.kind;
  out += '"';
}

void append_place(const ProbeLabel& label, std::string_view symbol, std::uint64_t offset,
                  std::string& out) {
  out += R"(,"symbol":)";
  append_text_or_null(symbol, out);
  if (has_offset(label)) {
    out += R"(,"offset":)";
    append_number(offset, out);
  }
  if (label.path.empty()) return;
  out += R"(,"path":)";
  append_json_string(label.path, out);
}

void append_caller(const Event& event, const AddressNames& names, std::string& out) {
  const std::optional<std::uint64_t> address = return_address(event);
  const AddressNames::Place place = caller_of(event, names);
  out += R"(,"caller":)";
  append_text_or_null(place.symbol, out);
  if (!place.symbol.empty()) {
    out += R"(,"caller_offset":)";
    append_number(place.offset, out);
  } else if (address) {
    out += R"(,"caller_address":)";
    append_hex_string(*address, out);
  }
}

void append_symbol_string(const Event& event, std::uint64_t address, const AddressNames& names,
                          std::string& out) {
  out += '"';
  append_symbolic(
      name_address(event, address, names), address,
      [](std::string_view name, std::string& line) { append_json_text(name, line); }, out);
  out += '"';
}

}  // namespace kprobed::stream
