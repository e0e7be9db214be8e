// SPDX-License-Identifier: Apache-2.0
#include "stream/text_columns.h"

#include "stream/append.h"
#include "stream/event_place.h"
#include "stream/terminal_text.h"

namespace kprobed::stream {

using decode::Show;
using decode::TextRef;

void align_right(std::size_t begin, std::size_t width, std::string& out) {
  const std::size_t length = out.size() - begin;
  if (length < width) out.insert(begin, width - length, ' ');
}

void align_left(std::size_t begin, std::size_t width, std::string& out) {
  const std::size_t length = out.size() - begin;
  if (length < width) out.append(width - length, ' ');
}

void append_comm(std::string_view comm, std::string& out) {
  if (comm.empty())
    out += "<...>";
  else
    append_for_terminal(comm, false, out);
}

void append_symbol(std::string_view symbol, std::optional<std::uint64_t> address,
                   std::string& out) {
  if (!symbol.empty())
    append_for_terminal(symbol, false, out);
  else if (address)
    append_hex(*address, out);
  else
    out += '?';
}

namespace {

bool append_text(const TextRef& text, std::string& out) {
  if (text.state == TextRef::State::malformed) return false;
  if (text.state == TextRef::State::fault) {
    out += "(fault)";
    return true;
  }
  out += '"';
  append_for_terminal(text.text, true, out);
  out += '"';
  return true;
}

void append_signed_or_not(bool is_signed, std::uint64_t number, std::string& out) {
  if (is_signed)
    append_number(static_cast<std::int64_t>(number), out);
  else
    append_number(number, out);
}

void append_enumeration(const decode::ValueShape& shape, std::uint64_t number, Names style,
                        std::string& out) {
  const std::string_view name = decode::enumerator_name(shape, static_cast<std::int64_t>(number));
  if (style == Names::words && !name.empty()) return append_for_terminal(name, false, out);
  append_signed_or_not(shape.is_signed, number, out);
}

bool append_element(const decode::FieldOp& op, const Event& event, std::uint32_t element,
                    const AddressNames& names, Names style, std::string& out) {
  const ByteOrder order = event.plan->fields.order;
  if (op.shape.show == Show::text)
    return append_text(decode::read_text(op, event.raw, order, element), out);
  const std::uint64_t number = decode::read_number(op, event.raw.data(), order, element);
  switch (op.shape.show) {
    case Show::unsigned_number:
    case Show::signed_number:
      append_signed_or_not(op.shape.show == Show::signed_number, number, out);
      break;
    case Show::boolean:
      if (style == Names::words)
        out += number != 0 ? "true" : "false";
      else
        append_number(number, out);
      break;
    case Show::enumeration:
      append_enumeration(op.shape, number, style, out);
      break;
    case Show::character: {
      const char letter = static_cast<char>(number);
      out += '\'';
      append_for_terminal({&letter, 1}, false, out);
      out += '\'';
      break;
    }
    case Show::symbol:
      append_symbolic(
          name_address(event, number, names), number,
          [](std::string_view name, std::string& line) { append_for_terminal(name, false, line); },
          out);
      break;
    case Show::hex:
    case Show::text:
      append_hex(number, out);
      break;
  }
  return true;
}

}  // namespace

bool append_value(const decode::FieldOp& op, const Event& event, const AddressNames& names,
                  Names style, std::string& out) {
  if (!op.shape.is_array()) return append_element(op, event, 0, names, style, out);
  const auto length = decode::array_length(op, event.raw, event.plan->fields.order);
  if (!length) return false;
  out += '{';
  for (std::uint32_t i = 0; i < *length; ++i) {
    if (i != 0) out += ',';
    if (!append_element(op, event, i, names, style, out)) return false;
  }
  out += '}';
  return true;
}

}  // namespace kprobed::stream
