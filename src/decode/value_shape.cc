// SPDX-License-Identifier: Apache-2.0
#include "decode/value_shape.h"

namespace kprobed::decode {

std::string_view word(Show show) {
  switch (show) {
    case Show::unsigned_number:
      return "unsigned";
    case Show::signed_number:
      return "signed";
    case Show::hex:
      return "hex";
    case Show::character:
      return "character";
    case Show::boolean:
      return "boolean";
    case Show::symbol:
      return "symbol";
    case Show::enumeration:
      return "enumeration";
    case Show::text:
      break;
  }
  return "text";
}

std::string_view word(Unreadable unreadable) {
  switch (unreadable) {
    case Unreadable::null:
      return "null";
    case Unreadable::zero:
      return "zero";
    case Unreadable::stale:
      return "stale";
    case Unreadable::never:
      break;
  }
  return {};
}

}  // namespace kprobed::decode
