// SPDX-License-Identifier: Apache-2.0
//
// A word before a spec in a file of probes, which no spec can begin with: "pending p dummy_xmit".
#pragma once

#include <cstdint>
#include <memory>
#include <set>

#include "base/span.h"

namespace kprobed::engine {

struct FileOptions {
  std::shared_ptr<const Source> specs;  ///< the text with blanks for the words, so that every part
                                        ///< of it is where it was
  std::set<std::uint32_t> pending;      ///< lines, from 1, as Span counts them
};

FileOptions take_options(const std::shared_ptr<const Source>& source);

}  // namespace kprobed::engine
