// SPDX-License-Identifier: Apache-2.0
//
// SYMBOL[+offs|-offs], as it stands in a probe's point and behind '@', and patterns of symbols.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "probespec/token.h"

namespace kprobed::probespec {

struct SymbolPlace {
  std::string symbol;
  std::int64_t offset = 0;
  Token symbol_token;
  std::optional<Token> offset_token;  ///< with its sign
};

/// The whole of `token`. Symbols take what compilers put into them: [A-Za-z_.$][A-Za-z0-9_.$]*, so
/// also "tcp_v4_rcv.isra.0". Errors: syntax, bad_number.
Result<SymbolPlace> parse_symbol_place(const Token& token);

/// Is there a '*', '?' or '[', so that it must be a pattern?
bool is_pattern(std::string_view text);

/// A fnmatch(3) pattern of symbols: characters of symbols, '*', '?', and "[a-c]" or "[!x]". The
/// whole of `token`. Errors: syntax, wrong_place (an offset behind it).
Result<void> check_pattern(const Token& token);

}  // namespace kprobed::probespec
