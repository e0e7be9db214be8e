// SPDX-License-Identifier: Apache-2.0
//
// The numbers of the language, each with its own range and its own complaint.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "probespec/token.h"

namespace kprobed::probespec {

/// An address or the like, base 0 (0x hex, leading 0 octal, else decimal), at most `max`.
/// bad_number otherwise.
Result<std::uint64_t> read_number(const Token& token, std::uint64_t max);

/// The N of a1, $stack2, ...: decimal digits only, as the kernel reads it (kstrtoul base 10 in
/// kernel/trace/trace_probe.c parse_probe_vars), 32 bits. bad_number otherwise.
Result<unsigned> read_index(const Token& token);

/// "+16", "-0x8": a sign and a number of at most 32 bits. bad_number otherwise.
Result<std::int64_t> read_signed_offset(const Token& token);

}  // namespace kprobed::probespec
