// SPDX-License-Identifier: Apache-2.0
//
// Files that distributions compress: kernel modules. Each library may have been absent when this
// was built; then its files are refused with a sentence that says so.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace kprobed::symbols {

enum class Compression : std::uint8_t { none, gzip, xz, zstd };

/// By the file's first bytes, of which six are enough; names may say anything.
Compression compression_of(std::string_view first_bytes);

/// What `compressed` stands for. too_long beyond `most_bytes`, malformed for what is damaged or cut
/// off, unsupported where the library is not in this build. What a decoder itself needs is bounded,
/// too.
Result<std::string> decompress(std::string_view compressed, Compression how,
                               std::size_t most_bytes);

}  // namespace kprobed::symbols
