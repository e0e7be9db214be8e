// SPDX-License-Identifier: Apache-2.0
#include "stream/json_values.h"

#include "base/text.h"
#include "stream/append.h"
#include "stream/json_lines.h"
#include "stream/json_parts.h"

namespace kprobed::stream {
namespace {

using decode::FieldOp;
using decode::Show;
using decode::TextRef;

/// One element of one argument; element 0 where it is no array.
struct Element {
  const FieldOp& op;
  const Event& event;
  std::uint32_t index = 0;

  ByteOrder order() const { return event.plan->fields.order; }
  std::uint64_t number() const { return decode::read_number(op, event.raw.data(), order(), index); }
  TextRef text() const { return decode::read_text(op, event.raw, order(), index); }
};

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

void append_text(const Element& element, ArgFindings& findings, std::string& out) {
  const TextRef text = element.text();
  switch (text.state) {
    case TextRef::State::ok:
      if (!append_json_string(text.text, out)) findings.bytes = true;
      break;
    case TextRef::State::fault:
      out += "null";
      findings.faults = true;
      break;
    case TextRef::State::malformed:
      findings.malformed = true;
      break;
  }
}

void append_enumeration(const FieldOp& op, std::uint64_t number, std::string& out) {
  const auto as_signed = static_cast<std::int64_t>(number);
  const std::string_view name = decode::enumerator_name(op.shape, as_signed);
  out += '"';
  if (!name.empty())
    append_json_text(name, out);
  else if (op.shape.is_signed)
    append_number(as_signed, out);
  else
    append_number(number, out);
  out += '"';
}

void append_element(const Element& element, const AddressNames& names, ArgFindings& findings,
                    std::string& out) {
  const FieldOp& op = element.op;
  if (op.shape.show == Show::text) return append_text(element, findings, out);
  const std::uint64_t number = element.number();
  switch (op.shape.show) {
    case Show::unsigned_number:
      return append_number(number, out);
    case Show::signed_number:
      return append_number(static_cast<std::int64_t>(number), out);
    case Show::boolean:
      out += number != 0 ? "true" : "false";
      return;
    case Show::character: {
      const char letter = static_cast<char>(number);
      if (!append_json_string({&letter, 1}, out)) findings.bytes = true;
      return;
    }
    case Show::symbol:
      return append_symbol_string(element.event, number, names, out);
    case Show::enumeration:
      return append_enumeration(op, number, out);
    case Show::hex:
    case Show::text:
      break;
  }
  append_hex_string(number, out);
}

void append_value(const FieldOp& op, const Event& event, const AddressNames& names,
                  ArgFindings& findings, std::string& out) {
  if (!op.shape.is_array()) return append_element({op, event}, names, findings, out);
  const auto length = decode::array_length(op, event.raw, event.plan->fields.order);
  if (!length) {
    findings.malformed = true;
    return;
  }
  out += '[';
  for (std::uint32_t i = 0; i < *length; ++i) {
    if (i != 0) out += ',';
    append_element({op, event, i}, names, findings, out);
  }
  out += ']';
}

/// `"name":` or, of an array, `"name[1]":`
void append_key(const Element& element, std::string& out) {
  append_comma(out);
  out += '"';
  append_json_text(element.op.name, out);
  if (element.op.shape.is_array()) {
    out += '[';
    append_number(element.index, out);
    out += ']';
  }
  out += "\":";
}

/// All elements of the arguments that `want` takes, in their order.
template <typename Want, typename Each>
void for_each_element(const Event& event, Want want, Each each) {
  for (const FieldOp& op : event.plan->fields.ops) {
    if (!want(op.shape.show)) continue;
    const auto length = op.shape.is_array()
                            ? decode::array_length(op, event.raw, event.plan->fields.order)
                            : std::optional<std::uint32_t>(1);
    for (std::uint32_t i = 0; i < length.value_or(0); ++i) each(Element{op, event, i});
  }
}

void append_bytes_of(const Element& element, std::string_view bytes, std::string& out) {
  if (is_utf8(bytes)) return;
  append_key(element, out);
  append_bytes_string(bytes, out);
}

}  // namespace

ArgFindings append_args(const Event& event, const AddressNames& names, std::string& out) {
  ArgFindings findings;
  out += R"(,"args":{)";
  for (const FieldOp& op : event.plan->fields.ops) {
    append_comma(out);
    append_json_string(op.name, out);
    out += ':';
    append_value(op, event, names, findings, out);
  }
  out += '}';
  return findings;
}

// Rare, so the texts are read a second time rather than remembered in every event.
void append_faults(const Event& event, std::string& out) {
  out += R"(,"faults":{)";
  for_each_element(
      event, [](Show show) { return show == Show::text; },
      [&out](const Element& element) {
        if (element.text().state != TextRef::State::fault) return;
        append_key(element, out);
        out += R"("unreadable")";
      });
  out += '}';
}

void append_bytes(const Event& event, std::string& out) {
  out += R"(,"bytes":{)";
  for_each_element(
      event, [](Show show) { return show == Show::text || show == Show::character; },
      [&out](const Element& element) {
        if (element.op.shape.show == Show::text)
          return append_bytes_of(element, element.text().text, out);
        const char letter = static_cast<char>(element.number());
        append_bytes_of(element, {&letter, 1}, out);
      });
  out += '}';
}

}  // namespace kprobed::stream
