// SPDX-License-Identifier: Apache-2.0
//
// Pieces of which the lines in JSON are made.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "stream/event_plan.h"

namespace kprobed::stream {

/// Escaped as inside a JSON string, without the quotes. Invalid UTF-8 bytes become U+FFFD; returns
/// false then.
bool append_json_text(std::string_view text, std::string& out);

/// A string; null for "". False where append_json_string() is.
bool append_text_or_null(std::string_view text, std::string& out);

/// "0x1f", in quotes.
void append_hex_string(std::uint64_t value, std::string& out);

/// Two hexadecimal digits for each byte, in quotes.
void append_bytes_string(std::string_view bytes, std::string& out);

/// A comma, unless an object or an array was just opened.
void append_comma(std::string& out);

/// `"probe":"opens","kind":"p"`
void append_probe(const ProbeLabel& label, std::string& out);

/// `,"symbol":"vfs_read","offset":4,"path":"/bin/bash"`: the offset only where the probe can have
/// one, the path only of a program.
void append_place(const ProbeLabel& label, std::string_view symbol, std::uint64_t offset,
                  std::string& out);

/// `,"caller":"vfs_read","caller_offset":4`, of an event that is a return.
void append_caller(const Event& event, const AddressNames& names, std::string& out);

/// "vfs_read+0x4/0x1f0 [module]", or "0x1f", in quotes.
void append_symbol_string(const Event& event, std::uint64_t address, const AddressNames& names,
                          std::string& out);

}  // namespace kprobed::stream
