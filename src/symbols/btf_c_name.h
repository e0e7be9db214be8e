// SPDX-License-Identifier: Apache-2.0
//
// A BTF type's name as a person writes it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "symbols/btf_file.h"

namespace kprobed::symbols {

/// "int", "struct open_how *", "enum hrtimer_mode", "char[16]", "void (*)(...)"; a typedef is its
/// name. Modifiers are not shown. "?" for what is broken or nested too deeply.
std::string c_name(const BtfFile& file, std::uint32_t id);

/// "unsigned long" for the compiler's "long unsigned int"; other words as they are.
std::string_view usual_integer_name(std::string_view name);
/// The other way round.
std::string_view compilers_integer_name(std::string_view name);

inline constexpr std::uint32_t kNoType = ~std::uint32_t{0};  ///< no file has so many

/// `id` without const, volatile, restrict and type tags; kNoType where they go round in circles.
std::uint32_t skip_modifiers(const BtfFile& file, std::uint32_t id);

}  // namespace kprobed::symbols
