// SPDX-License-Identifier: Apache-2.0
//
// Which machine words an argument by its number is passed in. With 64-bit words that is the number
// itself. With 32-bit words an argument of 64 bits takes two, aligned or not as the ABI says, so
// that all behind it move: known from the prototype, or from the types that the spec itself gives.
#pragma once

#include "resolve/fetch_base.h"

namespace kprobed::resolve {

struct ArgumentWords {
  unsigned word = 1;  ///< the n of arch::argument_fetch()
  unsigned words = 1;
  /// Nothing told the types of the arguments before it: they were taken to be a word each.
  bool assumed = false;
};

/// Of argument `n` (from 1) at context.place: the 2009 aN.
ArgumentWords words_of_argument(unsigned n, const FetchContext& context,
                                const SignatureCache& signatures);

}  // namespace kprobed::resolve
