// SPDX-License-Identifier: Apache-2.0
//
// What the two forms for people write alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stream/event_plan.h"

namespace kprobed::stream {

/// Fills up what was appended since `begin` to `width` bytes. Longer text stays whole.
void align_right(std::size_t begin, std::size_t width, std::string& out);
void align_left(std::size_t begin, std::size_t width, std::string& out);

/// "<...>" for "", as the kernel's trace file.
void append_comm(std::string_view comm, std::string& out);

/// The symbol, else the address, else "?".
void append_symbol(std::string_view symbol, std::optional<std::uint64_t> address, std::string& out);

/// How booleans and enumerations are written: the kernel's trace file knows only their numbers.
enum class Names : std::uint8_t { numbers, words };

/// As the kernel prints it (kernel/trace/trace_probe.c DEFINE_BASIC_PRINT_TYPE_FUNC): 0x1f, 31,
/// -31, "text", (fault), 'c', vfs_read+0x4/0x1f0, {0x1,0x2}. False if the field points outside the
/// record.
bool append_value(const decode::FieldOp& op, const Event& event, const AddressNames& names,
                  Names style, std::string& out);

}  // namespace kprobed::stream
