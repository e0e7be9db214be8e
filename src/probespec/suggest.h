// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace kprobed::probespec {

/// The candidate that `text` most probably was meant to be: fewest typing mistakes, letter case
/// aside, and fewer of them the shorter the text is. "" if none is near.
std::string_view nearest(std::string_view text, std::span<const std::string_view> candidates);

/// What a word was meant to be, with its number kept: "$retval" for "$retvl", "a3" for "$a3",
/// "$stack2" for "stack2". Also knows what words were called in the kernels of 2009. "" if nothing
/// is near.
std::string suggest_word(std::string_view text);

/// "u32" for "uint32_t", "u64" for "u65"; "" if nothing is near.
std::string_view suggest_type(std::string_view text);

}  // namespace kprobed::probespec
