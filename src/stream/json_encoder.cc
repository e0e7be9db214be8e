// SPDX-License-Identifier: Apache-2.0
#include "stream/json_encoder.h"

#include "stream/append.h"
#include "stream/digits.h"
#include "stream/json_copy.h"
#include "stream/json_parts.h"
#include "stream/kernel_words.h"

namespace kprobed::stream {

using decode::TextRef;

/// Writes into a LineBuffer. Room for what the program counts (fixed_room) is always there: whoever
/// writes more asks for that much more first.
struct JsonEncoder::Writer {
  Writer(LineBuffer& out, std::size_t fixed_room)
      : buffer(out), fixed(fixed_room), at(out.room(fixed_room)) {
    end = buffer.data() + buffer.capacity();
  }

  void ask(std::size_t more) {
    if (static_cast<std::size_t>(end - at) >= fixed + more) return;
    buffer.end_at(at);
    at = buffer.room(fixed + more);
    end = buffer.data() + buffer.capacity();
  }

  void literal(const char* text, std::size_t bytes) { at = put_blocks(text, bytes, at); }

  /// `text` may be read up to a whole block.
  void copy(std::string_view text) {
    ask(text.size());
    literal(text.data(), text.size());
  }

  LineBuffer& buffer;
  std::size_t fixed;
  char* at;
  const char* end;
};

namespace {

template <typename T, bool kSwap>
T load_as(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  if constexpr (kSwap) value = swap_bytes(value);
  return value;
}

/// One number of `kind`, without what encloses it. False if it is none.
template <bool kSwap>
[[gnu::always_inline]] inline bool put_number(JsonOpKind kind, const std::byte* from, char*& at) {
  switch (kind) {
    case JsonOpKind::unsigned_8:
      at = digits::put_up_to_eight(load_as<std::uint8_t, kSwap>(from), at);
      return true;
    case JsonOpKind::unsigned_16:
      at = digits::put_up_to_eight(load_as<std::uint16_t, kSwap>(from), at);
      return true;
    case JsonOpKind::unsigned_32:
      at = put_unsigned(load_as<std::uint32_t, kSwap>(from), at);
      return true;
    case JsonOpKind::unsigned_64:
      at = put_unsigned(load_as<std::uint64_t, kSwap>(from), at);
      return true;
    case JsonOpKind::signed_8:
      at = put_signed(load_as<std::int8_t, kSwap>(from), at);
      return true;
    case JsonOpKind::signed_16:
      at = put_signed(load_as<std::int16_t, kSwap>(from), at);
      return true;
    case JsonOpKind::signed_32:
      at = put_signed(load_as<std::int32_t, kSwap>(from), at);
      return true;
    case JsonOpKind::signed_64:
      at = put_signed(load_as<std::int64_t, kSwap>(from), at);
      return true;
    case JsonOpKind::hex_8:
      at = put_hex(load_as<std::uint8_t, kSwap>(from), at);
      return true;
    case JsonOpKind::hex_16:
      at = put_hex(load_as<std::uint16_t, kSwap>(from), at);
      return true;
    case JsonOpKind::hex_32:
      at = put_hex(load_as<std::uint32_t, kSwap>(from), at);
      return true;
    case JsonOpKind::hex_64:
      at = put_hex(load_as<std::uint64_t, kSwap>(from), at);
      return true;
    default:
      return false;
  }
}

constexpr std::size_t kGenerationRoom = 32;  // its key and ten digits

char* put_text(std::string_view text, char* at) {
  std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

/// `text` as a JSON string; false if it is not UTF-8.
template <typename Writer>
bool put_string(std::string_view text, Writer& out) {
  out.ask(text.size() * kEscapedBytes + 16);
  *out.at++ = '"';
  bool valid = true;
  if (char* end = put_if_plain(text, out.at))
    out.at = end;
  else
    out.at = put_escaped(text, out.at, valid);
  *out.at++ = '"';
  return valid;
}

/// What the enumerator's number is shown as. Not a name: its digits.
template <typename Writer>
void put_enumeration(const decode::FieldOp& field, std::uint64_t number, Writer& out) {
  const auto as_signed = static_cast<std::int64_t>(number);
  const std::string_view name = decode::enumerator_name(field.shape, as_signed);
  if (!name.empty()) {
    put_string(name, out);
    return;
  }
  *out.at++ = '"';
  out.at = field.shape.is_signed ? put_signed(as_signed, out.at) : put_unsigned(number, out.at);
  *out.at++ = '"';
}

}  // namespace

bool JsonEncoder::event(const Event& event, LineBuffer& out) {
  const JsonProgram* program = event.plan->json.get();
  if (program != nullptr && !event.late) {
    const std::size_t begin = out.size();
    if (fast(*program, event, out)) return true;
    out.end_at(out.data() + begin);
  }
  return plain(event, out);
}

bool JsonEncoder::fast(const JsonProgram& program, const Event& event, LineBuffer& out) {
  const std::string_view prefix = prefixes_.get(program, event);
  if (prefix.empty()) return false;
  Writer to(out, HeadCache::kRoom + program.fixed_room);
  char* after_head = heads_.put(event.seq, event.stamp.time_ns, clock_, to.at);
  if (after_head == nullptr) return false;
  to.at = after_head;
  to.copy(prefix);
  if (program.is_return) put_caller(event, to);
  if (!put_args(program, event, to)) return false;
  if (event.generation != 0) {  // of a probe in a module
    to.ask(kGenerationRoom);
    to.at = put_unsigned(event.generation, put_text(R"(,"generation":)", to.at));
  }
  to.at = put_text("}\n", to.at);
  out.end_at(to.at);
  return true;
}

bool JsonEncoder::plain(const Event& event, LineBuffer& out) {
  scratch_.clear();
  if (!plain_.event(event, scratch_)) return false;
  out.append(scratch_);
  return true;
}

bool JsonEncoder::args(const Event& event, LineBuffer& out) {
  const std::size_t begin = out.size();
  const JsonProgram& program = *event.plan->json;
  Writer to(out, program.fixed_room);
  const bool made = put_args(program, event, to);
  out.end_at(made ? to.at : out.data() + begin);
  return made;
}

bool JsonEncoder::put_args(const JsonProgram& program, const Event& event, Writer& out) {
  return program.swap ? put_values<true>(program, event, out)
                      : put_values<false>(program, event, out);
}

template <bool kSwap>
[[gnu::always_inline]] inline bool JsonEncoder::put_values(const JsonProgram& program,
                                                           const Event& event, Writer& out) {
  const std::byte* raw = event.raw.data();
  const char* literals = program.literals.data();
  char* at = out.at;  // in a register: through memory each piece would wait for the one before
  for (const JsonOp& op : program.ops) {
    at = put_blocks(literals + op.before, op.before_bytes, at);
    if (put_number<kSwap>(op.kind, raw + op.offset, at)) continue;
    out.at = at;
    if (!put_special<kSwap>(op, event, out)) return false;
    at = out.at;
  }
  out.at = put_blocks(literals + program.after, program.after_bytes, at);
  return true;
}

template <bool kSwap>
[[gnu::noinline]] bool JsonEncoder::put_special(const JsonOp& op, const Event& event, Writer& out) {
  const decode::FieldOp& field = event.plan->json->fields[op.field];
  if (op.kind == JsonOpKind::array) return put_array<kSwap>(op, field, event, out);
  return put_other(op.kind, field, event, 0, out);
}

template <bool kSwap>
bool JsonEncoder::put_array(const JsonOp& op, const decode::FieldOp& field, const Event& event,
                            Writer& out) {
  const ByteOrder order = event.plan->fields.order;
  const auto length = decode::array_length(field, event.raw, order);
  if (!length) return false;
  const std::byte* raw = event.raw.data();
  const std::string_view quote = is_hex(op.element) ? "\"" : "";
  out.ask(*length * (kNumberRoom + 8));
  *out.at++ = '[';
  for (std::uint32_t i = 0; i < *length; ++i) {
    if (i != 0) *out.at++ = ',';
    if (!field.shape.dynamic && op.element <= JsonOpKind::hex_64) {
      if (!quote.empty()) out.at = put_text("\"0x", out.at);
      put_number<kSwap>(op.element, raw + op.offset + std::size_t{i} * field.bytes, out.at);
      out.at = put_text(quote, out.at);
    } else if (!put_other(op.element, field, event, i, out)) {
      return false;
    }
  }
  *out.at++ = ']';
  return true;
}

bool JsonEncoder::put_other(JsonOpKind kind, const decode::FieldOp& field, const Event& event,
                            std::uint32_t element, Writer& out) {
  const ByteOrder order = event.plan->fields.order;
  if (kind == JsonOpKind::text || kind == JsonOpKind::text_in_place) {
    const TextRef text = decode::read_text(field, event.raw, order, element);
    return text.state == TextRef::State::ok && put_string(text.text, out);
  }
  const std::uint64_t number = decode::read_number(field, event.raw.data(), order, element);
  out.ask(kNumberRoom + 8);
  switch (kind) {
    case JsonOpKind::boolean:
      out.at = put_text(number != 0 ? "true" : "false", out.at);
      return true;
    case JsonOpKind::character: {
      const char letter = static_cast<char>(number);
      return put_string({&letter, 1}, out);
    }
    case JsonOpKind::symbol:
      put_symbol(event, number, out);
      return true;
    case JsonOpKind::enumeration:
      put_enumeration(field, number, out);
      return true;
    default:
      break;
  }
  // A number out of a dynamic array, already brought into this machine's order and sign.
  if (is_hex(kind)) {
    out.at = put_text("\"0x", out.at);
    out.at = put_hex(number, out.at);
    *out.at++ = '"';
  } else if (field.shape.show == decode::Show::signed_number) {
    out.at = put_signed(static_cast<std::int64_t>(number), out.at);
  } else {
    out.at = put_unsigned(number, out.at);
  }
  return true;
}

void JsonEncoder::put_caller(const Event& event, Writer& out) {
  const std::optional<std::uint64_t> address = return_address(event);
  const auto fill = [&](std::string& text) { append_caller(event, names_, text); };
  if (address && !event.plan->json->in_program) return out.copy(callers_.get(*address, fill));
  scratch_.clear();
  fill(scratch_);
  out.ask(scratch_.size());
  out.at = put_text(scratch_, out.at);
}

void JsonEncoder::put_symbol(const Event& event, std::uint64_t address, Writer& out) {
  const auto fill = [&](std::string& text) { append_symbol_string(event, address, names_, text); };
  if (!event.plan->json->in_program) return out.copy(symbols_.get(address, fill));
  *out.at++ = '"';
  out.at = put_text("0x", out.at);
  out.at = put_hex(address, out.at);
  *out.at++ = '"';
}

void JsonEncoder::names_changed() {
  callers_.clear();
  symbols_.clear();
}

template <typename Note>
void JsonEncoder::note_line(void (JsonLines::*write)(const Note&, std::string&), const Note& note,
                            LineBuffer& out) {
  scratch_.clear();
  (plain_.*write)(note, scratch_);
  out.append(scratch_);
}

void JsonEncoder::lost(const LostNote& note, LineBuffer& out) {
  note_line(&JsonLines::lost, note, out);
}

void JsonEncoder::probe(const ProbeNote& note, LineBuffer& out) {
  note_line(&JsonLines::probe, note, out);
}

void JsonEncoder::clock(const ClockNote& note, LineBuffer& out) {
  note_line(&JsonLines::clock, note, out);
}

void JsonEncoder::cpu(const CpuNote& note, LineBuffer& out) {
  note_line(&JsonLines::cpu, note, out);
}

void JsonEncoder::sampling(const SamplingNote& note, LineBuffer& out) {
  note_line(&JsonLines::sampling, note, out);
}

void JsonEncoder::discarded(const DiscardedNote& note, LineBuffer& out) {
  note_line(&JsonLines::discarded, note, out);
}

void JsonEncoder::ledger(const LedgerNote& note, LineBuffer& out) {
  note_line(&JsonLines::ledger, note, out);
}

}  // namespace kprobed::stream
