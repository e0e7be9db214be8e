// SPDX-License-Identifier: Apache-2.0
//
// What a fetcharg means, in words: for `kprobectl check`.
#pragma once

#include <string>

#include "probespec/spec.h"
#include "resolve/c_types.h"
#include "resolve/fetch_base.h"

namespace kprobed::resolve {

struct Fetched {
  const probespec::FetchArg& arg;
  const BaseFetch& base;
  const Reading& reading;
  bool typed = false;    ///< its C type is known, and said in base.what
  bool follows = false;  ///< what the value points to is read, though no dereference is written
};

/// "argument 1, in register di"; "text at argument 2, in user memory"; "memory at [argument 1+8]".
std::string meaning_of(const Fetched& fetched);

/// The base word as the user wrote it: "a1", "filename", "$retval"; "" for one without a name.
std::string word_text(const probespec::FetchBase& base);

/// A word of 2009, which hides a parameter of that name: "a1", "rv", "m0"; "" for any other.
std::string word_2009(const probespec::FetchBase& base);

}  // namespace kprobed::resolve
