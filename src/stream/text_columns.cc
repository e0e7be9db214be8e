// SPDX-License-Identifier: Apache-2.0
#include "stream/text_columns.h"

#include "stream/append.h"
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

}  // namespace

bool append_value(const decode::FieldOp& op, const Event& event, std::string& out) {
  const ByteOrder order = event.plan->fields.order;
  if (op.show == Show::text) return append_text(decode::read_text(op, event.raw, order), out);
  const std::uint64_t number = decode::read_number(op, event.raw.data(), order);
  if (op.show == Show::hex)
    append_hex(number, out);
  else if (op.show == Show::signed_number)
    append_number(static_cast<std::int64_t>(number), out);
  else
    append_number(number, out);
  return true;
}

}  // namespace kprobed::stream
