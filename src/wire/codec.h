// SPDX-License-Identifier: Apache-2.0
//
// Messages to JSON lines and back. Decoding never throws, bounds what it reads (depth, length),
// accepts unknown fields and refuses wrong types by the field's name. A field that is null is a
// field that is left out. Encoding never throws for what a message holds: bytes that are not UTF-8
// become U+FFFD. Lines that are made end in '\n'; lines that are read may.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/messages.h"
#include "wire/stream_lines.h"

namespace kprobed::wire {

// ---- the daemon's side ------------------------------------------------------------------------

/// What could not be understood, with the id if at least that could be read ("null" otherwise).
struct BadRequest {
  std::string id = "null";
  Error error;
};

/// Any bytes at all. Errors: `malformed` (no JSON object), `too_long` (the line, a spec, a name),
/// `too_many` (items of a list, nesting, values in all), `usage` (method or field, by its name).
std::variant<Request, BadRequest> decode_request(std::string_view line);

std::string encode_hello(const Hello& hello);
/// `id` is raw JSON, as decode_request() gave it.
std::string encode_reply(const std::string& id, const ReplyBody& body);
std::string encode_error(const std::string& id, const WireError& error);

/// The same `id` as the reply that it comes before.
std::string encode_progress(const std::string& id, const Progress& progress);

/// The one line of a stream that belongs to a single client; room `stream` writes the others.
std::string encode_gap(const GapLine& line);

// ---- reports of commands ------------------------------------------------------------------------

std::string encode_report(const CheckReport& report);
std::string encode_report(const DisassemblyReport& report);

// ---- the client's side ------------------------------------------------------------------------

/// Fields that have their default value are left out.
std::string encode_request(const Request& request);

/// One line from the daemon.
struct ServerLine {
  enum class Kind : std::uint8_t { hello, reply, error, progress, stream } kind = Kind::stream;
  std::string id;    ///< raw JSON, of reply, error and progress
  std::string type;  ///< of hello and of stream lines: "event", "lost", "dropped", "probe",
                     ///< "schema", "clock", "gap"
};
/// Which line it is; `malformed` if it is no JSON object, or none of these. Reads all of it.
Result<ServerLine> classify(std::string_view line);

/// The type of a line that is written as the daemon writes it, type first, at the cost of looking
/// at its first bytes: "event", "hello", ...; "" for anything else (replies). For those who pass
/// lines on; nothing is said about the rest of the line.
std::string_view peek_type(std::string_view line);

// `malformed` for a line of another kind, or with a field of the wrong type.
Result<Hello> decode_hello(std::string_view line);
Result<WireError> decode_error(std::string_view line);
Result<Progress> decode_progress(std::string_view line);
/// `Body` is one of ReplyBody's. Fields that an older daemon does not send keep their defaults.
template <typename Body>
Result<Body> decode_reply(std::string_view line);

/// Any line of the stream. An event's argument is `quoted` where its value is a JSON string that
/// does not look like the kernel's hex (0x1f); with the probe's schema it is certain, see
/// apply_schema().
Result<StreamLine> decode_stream(std::string_view line);
/// The same for those who know that it is an event.
Result<EventLine> decode_event(std::string_view line);
/// Corrects `quoted`: a text may be "0x1f" too.
void apply_schema(const SchemaLine& schema, EventLine& event);

}  // namespace kprobed::wire
