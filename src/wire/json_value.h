// SPDX-License-Identifier: Apache-2.0
//
// A parsed JSON text as a plain value, and the two pieces of JSON that are hard to write by hand.
// The library stands behind this header in one unit, which is the only one that pays for it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace kprobed::wire {

struct Value;
struct Member;
using Array = std::vector<Value>;
using Object = std::vector<Member>;  ///< in the text's order; of equal keys the last one counts

struct Null {
  bool operator==(const Null&) const = default;
};
/// A number that is not an exact 64-bit one: a fraction, an exponent, "-0", more than 64 bits.
struct Real {
  double value = 0;
  std::string text;  ///< as it was written
};

struct Value {
  /// Negative whole numbers are int64_t, all others uint64_t.
  std::variant<Null, bool, std::uint64_t, std::int64_t, Real, std::string, Array, Object> is;
};
struct Member {
  std::string key;
  Value value;
};

/// What a text may cost before it is given up.
struct JsonBounds {
  std::size_t depth = 32;         ///< of arrays and objects
  std::size_t values = SIZE_MAX;  ///< in all; each takes some 100 bytes of memory
};

/// The whole of `text` as one JSON value (RFC 8259). `malformed` for anything else, also for
/// strings that are not UTF-8; `too_many` where a bound is crossed. Takes no stack per level.
Result<Value> parse_json(std::string_view text, const JsonBounds& bounds);

/// The last member called `key`; nullptr if there is none or it is null, which means the same.
const Value* find(const Object& object, std::string_view key);

/// `value` as JSON; Array and Object are not for this.
std::string to_json(const Value& value);

/// With quotes; bytes that are not UTF-8 become U+FFFD.
void append_json(std::string_view text, std::string& out);
/// The shortest text that reads back as the same number; null where there is none (NaN, infinity).
void append_json(double number, std::string& out);

}  // namespace kprobed::wire
